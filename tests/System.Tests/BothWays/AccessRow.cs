namespace NotifyOrleans.System.Tests.BothWays;

/// <summary>What a client tries, and whether it may.</summary>
/// <param name="Client">Who.</param>
/// <param name="Command">SUBSCRIBE or SEND.</param>
/// <param name="Destination">As STOMP writes it.</param>
/// <param name="Questions">What the broker asks the authority for it: path and parameters behind user, vhost and tags.</param>
/// <param name="IsAllowed">By the rules as people understand them, not by the code that reads them.</param>
public sealed record AccessRow(AccessClient Client, string Command, string Destination, string[] Questions, bool IsAllowed)
{
    public override string ToString() => $"{Client.User} ({string.Join(' ', Client.Roles)}; {Client.Token}) {Command} {Destination}";
}
