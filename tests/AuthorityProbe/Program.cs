using System.Globalization;
using NotifyOrleans.AuthorityProbe;

// What the silo's /auth answers a second, how soon, and what a flood of bad tokens does to it. Silo and load share the machine.
//   dotnet run --configuration Release --project tests/AuthorityProbe [SECONDS]
const int Users = 2000;
var duration = TimeSpan.FromSeconds(args is [var seconds, ..] ? double.Parse(seconds, CultureInfo.InvariantCulture) : 10);

using var tokens = new ProbeTokens();
var users = Enumerable.Range(0, Users).Select(i => $"user-{i}").ToArray();
var good = users.AsParallel().AsOrdered().Select(user => Question.User(user, tokens.Good(user))).ToArray();
var expired = users.AsParallel().AsOrdered().Select(user => Question.User(user, tokens.Expired(user))).ToArray();
var forged = users.Select(user => Question.User(user, ProbeTokens.Forged(user))).ToArray();
var resource = users.Select(Question.Resource).ToArray();
var topic = users.Select(Question.Topic).ToArray();

await using var silo = await ProbedSilo.StartAsync(tokens);

// Compiled, and all users known.
await Load.AsFastAsItGoesAsync(silo.Address, 16, TimeSpan.FromSeconds(3), Of(good), "allow");
await Load.AsFastAsItGoesAsync(silo.Address, 16, TimeSpan.FromSeconds(3), Of(resource), "allow");
await Load.AsFastAsItGoesAsync(silo.Address, 16, TimeSpan.FromSeconds(3), Of(topic), "allow");

await MeasureAsync("/auth/resource, 16 connections", () => FastAsync(resource));
await MeasureAsync("/auth/topic, 16 connections", () => FastAsync(topic));
await MeasureAsync("/auth/user, RS256, 16 connections", () => FastAsync(good));
await MeasureAsync("/auth/user, forged, 16 connections", () => FastAsync(forged, "deny"));
await MeasureAsync("/auth/user, expired, 16 connections", () => FastAsync(expired, "deny"));
await MeasureAsync("/auth/resource, 1,000 a second", () => Load.AtARateAsync(silo.Address, 1000, duration, Of(resource), "allow"));
await MeasureAsync("/auth/user, RS256, 1,000 a second", () => Load.AtARateAsync(silo.Address, 1000, duration, Of(good), "allow"));
foreach (var (kind, bad) in new[] { ("forged", forged), ("expired", expired) })
{
    foreach (var connections in (int[])[16, 64])
    {
        var flood = FastAsync(bad, "deny", connections);
        await MeasureAsync($"/auth/user, RS256, 16 connections, beside {connections} with {kind} tokens", () => FastAsync(good));
        Console.WriteLine($"  the flood: {await flood}");
    }
}
return 0;

static Func<int, byte[]> Of(byte[][] questions) => number => questions[number % questions.Length];

Task<LoadResult> FastAsync(byte[][] questions, string expected = "allow", int connections = 16) =>
    Load.AsFastAsItGoesAsync(silo.Address, connections, duration, Of(questions), expected);

async Task MeasureAsync(string what, Func<Task<LoadResult>> load)
{
    var (silosBefore, oursBefore) = (silo.Cpu, Environment.CpuUsage.TotalTime);
    var result = await load();
    var (silos, ours) = (silo.Cpu - silosBefore, Environment.CpuUsage.TotalTime - oursBefore);
    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {result}; CPU an answer: silo {silos.TotalMicroseconds / result.Count:0} us, load {ours.TotalMicroseconds / result.Count:0} us; silo {silo.WorkingSet >> 20} MiB"
        )
    );
}
