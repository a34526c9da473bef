using NotifyOrleans.Stomp.Fuzz;
using SharpFuzz;

const string Usage = """
    Stomp.Fuzz                               under afl-fuzz: one input after the other (instrument NotifyOrleans.Stomp.dll with SharpFuzz.CommandLine first)
    Stomp.Fuzz corpus FOLDER                 each file of a folder
    Stomp.Fuzz random FOLDER COUNT [SEED]    COUNT inputs mutated from the files of a folder; the seed is printed
    """;

switch (args)
{
    case []:
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var input = new MemoryStream();
            stream.CopyTo(input);
            StompFuzzTarget.Run(input.ToArray());
        });
        return 0;
    case ["corpus", var folder]:
        return Run(Corpus(folder));
    case ["random", var folder, var count, .. var rest] when rest.Length <= 1:
        var seed = rest is [var text] ? int.Parse(text) : Random.Shared.Next();
        Console.WriteLine($"seed {seed}");
        var mutator = new StreamMutator(Corpus(folder), seed);
        return Run(Enumerable.Range(0, int.Parse(count)).Select(_ => mutator.Next()));
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}

static byte[][] Corpus(string folder) => [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

static int Run(IEnumerable<byte[]> inputs)
{
    var count = 0;
    foreach (var input in inputs)
    {
        count++;
        try
        {
            StompFuzzTarget.Run(input);
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine($"Input {count}, {Convert.ToHexString(input)}: {exception}");
            return 1;
        }
    }
    Console.WriteLine($"{count} inputs, no finding");
    return 0;
}
