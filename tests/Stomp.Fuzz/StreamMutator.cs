namespace NotifyOrleans.Stomp.Fuzz;

/// <summary>Makes new inputs of known ones, as AFL does but blindly: for runs where AFL is not installed.</summary>
public sealed class StreamMutator(IReadOnlyList<byte[]> corpus, int seed)
{
    /// <summary>Bytes of an input at most, so that thousands are checked in a second.</summary>
    private const int MaxLength = 1024;

    private static readonly byte[][] Tokens =
    [
        "\n"u8.ToArray(),
        "\r\n"u8.ToArray(),
        "\r"u8.ToArray(),
        "\0"u8.ToArray(),
        ":"u8.ToArray(),
        "\\"u8.ToArray(),
        "\\n"u8.ToArray(),
        "\\c"u8.ToArray(),
        " "u8.ToArray(),
        "\n\n"u8.ToArray(),
        "\0\n"u8.ToArray(),
        "SEND\n"u8.ToArray(),
        "CONNECT\n"u8.ToArray(),
        "MESSAGE\n"u8.ToArray(),
        "ERROR\n"u8.ToArray(),
        "content-length:"u8.ToArray(),
        "content-length:3\n"u8.ToArray(),
        "accept-version:1.0\n"u8.ToArray(),
        "ž漢😀"u8.ToArray(),
        [0x80],
        [0xff],
        [0xed, 0xa0, 0x80],
    ];

    private readonly Random _random = new(seed);

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        var input = corpus[_random.Next(corpus.Count)].ToList();
        for (var changes = _random.Next(1, 8); changes > 0; changes--)
            Change(input);
        return [.. input.Take(MaxLength)];
    }

    private void Change(List<byte> input)
    {
        var at = _random.Next(input.Count + 1);
        var count = Math.Min(_random.Next(1, 16), input.Count - at);
        switch (_random.Next(6))
        {
            case 0 when at < input.Count:
                input[at] = (byte)_random.Next(256);
                break;
            case 1 when at < input.Count:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2:
                input.RemoveRange(at, count);
                break;
            case 3:
                input.InsertRange(at, input.GetRange(at, count));
                break;
            case 4:
                var other = corpus[_random.Next(corpus.Count)];
                var from = _random.Next(other.Length);
                input.InsertRange(at, other.AsSpan(from, _random.Next(other.Length - from)));
                break;
            default:
                input.InsertRange(at, Tokens[_random.Next(Tokens.Length)]);
                break;
        }
    }
}
