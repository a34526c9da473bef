using NotifyOrleans.Stomp;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests.BothWays;

/// <summary>A client that does what it may by STOMP over WebSocket, at an edge or at the broker itself, and connects again after each refusal.</summary>
internal sealed class StompWay(Uri address, AccessClient client) : IAsyncDisposable
{
    private StompClient? _session;
    private int _last;

    /// <summary>Whether it has a session that goes on.</summary>
    public bool IsConnected => _session is { IsEnded: false };

    /// <summary>Whether it could.</summary>
    public async Task<bool> TryAsync(AccessRow row)
    {
        if (!await ConnectAsync())
            return false;
        var number = $"{++_last}";
        await _session!.SendAsync(row.Command, [("id", number), ("destination", row.Destination), ("receipt", number)]);
        var answer = await AnswerAsync(frame =>
            frame.Command == StompCommands.Error || (frame.Command == StompCommands.Receipt && frame["receipt-id"] == number)
        );
        if (answer is { Command: StompCommands.Receipt })
            return true;
        // The reference may close before its ERROR is out.
        Assert.True(
            answer is null || answer["message"] == "access_refused",
            $"{row}: {answer?["message"]}: {(answer is null ? "" : StompClient.Text(answer))}"
        );
        await EndAsync();
        return false;
    }

    /// <summary>Signs in, unless it is; false when it is refused.</summary>
    public async Task<bool> ConnectAsync()
    {
        if (IsConnected)
            return true;
        await EndAsync();
        _session = await StompClient.OpenAsync(address);
        await _session.SendAsync("CONNECT", [("accept-version", "1.2"), ("host", "/"), ("login", client.User), ("passcode", client.Passcode)]);
        var answer = await AnswerAsync(frame => frame.Command is StompCommands.Connected or StompCommands.Error);
        if (answer is { Command: StompCommands.Connected })
            return true;
        Assert.True(answer is null || answer["message"] == "Bad CONNECT", answer?["message"]);
        await EndAsync();
        return false;
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    /// <summary>The first frame that matches; null when the connection ends before.</summary>
    private async Task<StompFrame?> AnswerAsync(Func<StompFrame, bool> match)
    {
        StompFrame? found = null;
        await Wait.Until(
            () =>
            {
                var isEnded = _session!.IsEnded;
                found = _session.Frames.FirstOrDefault(match);
                return found is not null || isEnded;
            },
            () => $"an answer to {client.User} at {address}",
            TimeSpan.FromSeconds(120)
        );
        return found;
    }

    private async Task EndAsync()
    {
        if (_session is not null)
            await _session.DisposeAsync();
        _session = null;
    }
}
