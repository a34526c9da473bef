namespace NotifyOrleans.Silo.Ingress;

/// <summary>An exchange that notifications come from, <c>Ingress:Sources:N</c>. What its settings leave out is in <see cref="SourceDefaults"/>.</summary>
public sealed record SourceOptions
{
    /// <summary>The exchange. It belongs to the publishers: it is taken as it is.</summary>
    public string Exchange { get; init; } = "";

    /// <summary>Binding keys: which of its messages are taken, such as <c>#</c> for all, the default.</summary>
    public string[] Bindings { get; init; } = [];

    /// <summary>
    /// Templates of the routing keys that address a user, by default <c>user.{user}.#</c>. Every other key is a topic; when it is empty, every key is.
    /// </summary>
    public string[] Users { get; init; } = [];

    /// <summary>
    /// Whether to create it, as a durable topic exchange, where it is missing. Default false but in Development: else a misspelt name would become an exchange
    /// that nobody publishes to.
    /// </summary>
    public bool Declare { get; init; }
}
