using System.Globalization;

namespace NotifyOrleans.System.Tests.Hosting;

/// <summary>How much a test does: little in a run of all tests, and by hand as much as its environment says.</summary>
internal static class Scale
{
    /// <param name="variable">The environment's variable that says it.</param>
    /// <param name="usual">In a run of all tests.</param>
    public static int Of(string variable, int usual) => int.Parse(Environment.GetEnvironmentVariable(variable) ?? $"{usual}", CultureInfo.InvariantCulture);
}
