using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using NotifyOrleans.Stomp.Negotiation;

namespace NotifyOrleans.Stomp.Reading;

/// <summary>
/// Reads frames out of a stream of bytes that comes in any pieces: a frame in many of them, many frames in one. One reader per connection, not thread-safe.
/// </summary>
/// <remarks>
/// It looks at each byte once and consumes all that it is given up to the end of a frame; what it keeps of an unfinished frame is bounded by the limits.
/// The grammar is that of RabbitMQ's Web STOMP: STOMP 1.2 in all versions, LF or CR LF, NULs between frames ignored, escapes decoded in every frame,
/// unescaped colons accepted in values. <c>content-length</c> counts on frames that may have a body; elsewhere the body ends at the first NUL.
/// Version and limits come with each call because a CONNECT changes both, also for the rest of its own piece.
/// </remarks>
public sealed class StompFrameReader
{
    private const byte Nul = 0;
    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';

    private readonly List<StompHeader> _headers = [];
    private readonly ByteAccumulator _pending = new();

    private Phase _phase;
    private bool _carriageReturn;
    private string _command = "";
    private int _headerLines;
    private int _frameBytes;
    private int? _contentLength;

    private enum Phase : byte
    {
        BetweenFrames,
        Command,
        Headers,
        Body,
        Broken,
    }

    /// <summary>Why the stream is broken; <see cref="StompFault.None"/> while it is not. Once set it stays.</summary>
    public StompFault Fault { get; private set; }

    /// <summary>Reads up to the end of the next frame or of the input, and takes from <paramref name="input"/> what it consumed.</summary>
    public StompReadStatus Read(ref ReadOnlySequence<byte> input, StompVersion version, StompLimits limits, out StompFrame? frame)
    {
        var status = Fault == StompFault.None ? StompReadStatus.NeedMore : StompReadStatus.Fault;
        var consumed = 0L;
        frame = null;
        foreach (var segment in input)
        {
            if (segment.IsEmpty)
                continue;
            var rest = segment.Span;
            status = Read(ref rest, version, limits, out frame);
            consumed += segment.Length - rest.Length;
            if (status is StompReadStatus.Frame or StompReadStatus.Fault)
                break;
        }
        input = input.Slice(consumed);
        return status;
    }

    /// <inheritdoc cref="Read(ref ReadOnlySequence{byte}, StompVersion, StompLimits, out StompFrame?)"/>
    public StompReadStatus Read(ref ReadOnlySpan<byte> input, StompVersion version, StompLimits limits, out StompFrame? frame)
    {
        frame = null;
        StompReadStatus? status = null;
        while (status is null)
        {
            status = _phase switch
            {
                Phase.BetweenFrames => SkipLineEnds(ref input),
                Phase.Command => TakeLine(ref input, limits, limits.MaxCommandBytes, StompFault.CommandTooLong, out var line) ?? ReadCommand(line),
                Phase.Headers => TakeLine(ref input, limits, limits.MaxHeaderLineBytes, StompFault.HeaderLineTooLong, out var line) ?? ReadHeader(line, limits),
                Phase.Body => TakeBody(ref input, version, limits, out frame),
                _ => StompReadStatus.Fault,
            };
        }
        return status.Value;
    }

    // Each step answers what the read comes to, or null: go on with the next phase.

    private StompReadStatus? SkipLineEnds(ref ReadOnlySpan<byte> input)
    {
        var any = !input.IsEmpty;
        while (!input.IsEmpty)
        {
            var octet = input[0];
            if (_carriageReturn && octet != LineFeed)
                return Break(StompFault.BareCarriageReturn);
            _carriageReturn = octet == CarriageReturn;
            if (!_carriageReturn && octet is not (LineFeed or Nul))
            {
                _phase = Phase.Command;
                return null;
            }
            input = input[1..];
        }
        return any && !_carriageReturn ? StompReadStatus.HeartBeat : StompReadStatus.NeedMore;
    }

    /// <summary>A line without its LF or CR LF. It is the span's own memory when the line is whole in the input, else what was kept.</summary>
    private StompReadStatus? TakeLine(ref ReadOnlySpan<byte> input, StompLimits limits, int maxLineBytes, StompFault tooLong, out ReadOnlySpan<byte> line)
    {
        // Only as far as both limits allow, and one byte more, which is the first that exceeds one. So a fault does not depend on how the stream was split.
        var lineRoom = maxLineBytes - _pending.Length;
        var frameRoom = limits.MaxFrameBytes - _frameBytes;
        var window = input[..(Math.Min(input.Length - 1, Math.Max(0, Math.Min(lineRoom, frameRoom))) + 1)];
        var end = window.IndexOf(LineFeed);
        var taken = end < 0 ? window.Length : end + 1;
        line = default;
        if (taken > frameRoom || (end < 0 && taken > lineRoom))
            return Break(taken > frameRoom ? StompFault.FrameTooLarge : tooLong);

        input = input[taken..];
        _frameBytes += taken;
        if (end < 0)
        {
            _pending.Append(window, Math.Min(maxLineBytes, limits.MaxFrameBytes));
            return StompReadStatus.NeedMore;
        }
        line = window[..end];
        if (_pending.Length > 0)
        {
            _pending.Append(line, Math.Min(maxLineBytes, limits.MaxFrameBytes));
            line = _pending.Take();
        }
        if (line is [.., CarriageReturn])
            line = line[..^1];
        return line.Contains(CarriageReturn) ? Break(StompFault.BareCarriageReturn) : null;
    }

    private StompReadStatus? ReadCommand(ReadOnlySpan<byte> line)
    {
        if (!Utf8.IsValid(line))
            return Break(StompFault.InvalidUtf8);
        _command = StompVocabulary.GetString(line);
        _phase = Phase.Headers;
        return null;
    }

    private StompReadStatus? ReadHeader(ReadOnlySpan<byte> line, StompLimits limits)
    {
        if (line.IsEmpty)
            return EndHeaders(limits);
        if (++_headerLines > limits.MaxHeaders)
            return Break(StompFault.TooManyHeaders);
        var colon = line.IndexOf((byte)':');
        if (colon < 0)
            return Break(StompFault.HeaderWithoutColon);
        if (!Utf8.IsValid(line))
            return Break(StompFault.InvalidUtf8);
        if (!StompHeaderEscaping.TryDecode(line[..colon], out var name) || !StompHeaderEscaping.TryDecode(line[(colon + 1)..], out var value))
            return Break(StompFault.BadEscape);
        if (Find(name) is null)
            _headers.Add(new StompHeader(name, value));
        return null;
    }

    private StompReadStatus? EndHeaders(StompLimits limits)
    {
        _contentLength = null;
        if (MayHaveBody(_command) && Find(StompHeaderNames.ContentLength) is { } text)
        {
            var digits = text.AsSpan().Trim(' ');
            if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
                return Break(StompFault.BadContentLength);
            if (!int.TryParse(digits, out var length))
                length = int.MaxValue;
            _contentLength = length;
        }
        // The NUL counts too.
        if ((_contentLength ?? 0) >= limits.MaxFrameBytes - _frameBytes)
            return Break(StompFault.FrameTooLarge);
        _phase = Phase.Body;
        return null;
    }

    private StompReadStatus TakeBody(ref ReadOnlySpan<byte> input, StompVersion version, StompLimits limits, out StompFrame? frame)
    {
        frame = null;
        var room = Math.Max(0, limits.MaxFrameBytes - _frameBytes);
        var left = _contentLength - _pending.Length;
        var window = input[..Math.Min(input.Length, left ?? room)];
        var end =
            left is null ? window.IndexOf(Nul)
            : input.Length > left ? left.Value
            : -1;
        if (end < 0)
        {
            if (window.Length >= room)
                return Break(StompFault.FrameTooLarge);
            _pending.Append(window, _contentLength ?? limits.MaxFrameBytes);
            _frameBytes += window.Length;
            input = input[window.Length..];
            return StompReadStatus.NeedMore;
        }
        if (end >= room)
            return Break(StompFault.FrameTooLarge);
        if (input[end] != Nul)
            return Break(StompFault.BodyNotTerminated);

        frame = new StompFrame(_command, TakeHeaders(version), _pending.TakeOwned(input[..end]));
        input = input[(end + 1)..];
        _phase = Phase.BetweenFrames;
        _headerLines = _frameBytes = 0;
        return StompReadStatus.Frame;
    }

    private ImmutableArray<StompHeader> TakeHeaders(StompVersion version)
    {
        // A CONNECT is of the version that it negotiates.
        if (_command is StompCommands.Connect or StompCommands.Stomp)
            version = StompVersions.TryNegotiate(Find(StompHeaderNames.AcceptVersion), out var negotiated) ? negotiated : StompVersion.V12;
        if (version == StompVersion.V10)
        {
            foreach (ref var header in CollectionsMarshal.AsSpan(_headers))
                header = header with { Value = header.Value.TrimStart(' ') };
        }
        ImmutableArray<StompHeader> headers = [.. _headers];
        _headers.Clear();
        return headers;
    }

    private string? Find(string name)
    {
        foreach (var header in _headers)
        {
            if (header.Name == name)
                return header.Value;
        }
        return null;
    }

    /// <summary>STOMP 1.2: only these MAY have a body. RabbitMQ, which reads no server frames, honours it on SEND.</summary>
    private static bool MayHaveBody(string command) => command is StompCommands.Send or StompCommands.Message or StompCommands.Error;

    private StompReadStatus Break(StompFault fault)
    {
        Debug.Assert(Fault == StompFault.None);
        Fault = fault;
        _phase = Phase.Broken;
        _headers.Clear();
        _pending.Clear();
        return StompReadStatus.Fault;
    }
}
