namespace NotifyOrleans.Torture.Clients;

/// <summary>Header <c>ack</c> of SUBSCRIBE.</summary>
public enum AckMode
{
    Auto,
    Client,
    ClientIndividual,
}
