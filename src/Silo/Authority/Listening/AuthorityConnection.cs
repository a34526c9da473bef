namespace NotifyOrleans.Silo.Authority.Listening;

/// <summary>Marks, as a feature, connections that came in at <c>Authority:Endpoint</c>.</summary>
internal sealed class AuthorityConnection
{
    public static readonly AuthorityConnection Mark = new();
}
