using NotifyOrleans.Stomp.Fuzz;

namespace NotifyOrleans.Stomp.Tests.Reading;

/// <summary>The fuzz target in a bounded run: its corpus, and inputs made of it.</summary>
public sealed class StompFuzzTargetTests
{
    private static readonly byte[][] Corpus =
    [
        .. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "corpus")).Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
    ];

    [Fact]
    public void Corpus_NoFinding()
    {
        Assert.True(Corpus.Length >= 20, $"The corpus has {Corpus.Length} files");
        foreach (var input in Corpus)
            StompFuzzTarget.Run(input);
    }

    [Fact]
    public void Mutations_NoFinding()
    {
        var seed = Random.Shared.Next();
        var mutator = new StreamMutator(Corpus, seed);
        for (var i = 0; i < 30_000; i++)
        {
            var input = mutator.Next();
            var finding = Record.Exception(() => StompFuzzTarget.Run(input));
            Assert.True(finding is null, $"Seed {seed}, input {i}, {Convert.ToHexString(input)}: {finding}");
        }
    }
}
