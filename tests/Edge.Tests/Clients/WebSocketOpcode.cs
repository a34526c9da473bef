namespace NotifyOrleans.Edge.Tests.Clients;

/// <summary>What a WebSocket frame is (RFC 6455, 5.2).</summary>
public enum WebSocketOpcode
{
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}
