namespace NotifyOrleans.Grains.Interfaces.Routing;

/// <summary>
/// Whether every key of one pattern is a key of another. Walks the inner pattern and, beside it, all positions that the outer one can be in.
/// A wildcard of the inner is walked as a word that the outer does not hold: a word that it does hold would only reach more positions.
/// </summary>
internal sealed class PatternContainment(string[] inner, string[] outer)
{
    // Then the answer is no, which refuses. Patterns that people write need some dozens of steps; only an outer one such as #.a.*.*.*.* with many
    // stars lets somebody choose an inner one that needs 2^stars.
    private const int MaxSteps = 10_000;

    // A set of positions is a text with one character for each position.
    private const char Yes = '1';

    private readonly HashSet<(int At, string Reached)> _seen = [];
    private readonly Stack<(int At, string Reached)> _open = [];

    public bool Holds()
    {
        var start = new char[outer.Length + 1];
        Reach(start, 0);
        Visit(0, new string(start));
        while (_open.TryPop(out var step))
        {
            var (at, reached) = step;
            if (_seen.Count > MaxSteps || (at == inner.Length && !IsAccepting(reached)))
                return false;
            if (at == inner.Length)
                continue;
            switch (inner[at])
            {
                case "#":
                    Visit(at + 1, reached);
                    Visit(at, Step(reached, null));
                    break;
                case "*":
                    Visit(at + 1, Step(reached, null));
                    break;
                default:
                    Visit(at + 1, Step(reached, inner[at]));
                    break;
            }
        }
        return true;
    }

    private void Visit(int at, string reached)
    {
        if (_seen.Add((at, reached)))
            _open.Push((at, reached));
    }

    private bool IsAccepting(string reached) => reached[outer.Length] == Yes;

    /// <summary>Takes one word; null is a word that the outer pattern does not hold.</summary>
    private string Step(string reached, string? word)
    {
        var next = new char[reached.Length];
        for (var i = 0; i < outer.Length; i++)
        {
            if (reached[i] != Yes)
                continue;
            if (outer[i] == "#")
                Reach(next, i);
            else if (outer[i] == "*" || outer[i] == word)
                Reach(next, i + 1);
        }
        return new string(next);
    }

    /// <summary>Adds a position, and those behind it that need no word.</summary>
    private void Reach(char[] positions, int position)
    {
        positions[position] = Yes;
        while (position < outer.Length && outer[position] == "#")
            positions[++position] = Yes;
    }
}
