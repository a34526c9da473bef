using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Silo.Tests.Hosting;

/// <summary>Binding of a section whose values are all looked at one by one.</summary>
public sealed class ValidatedOptionsTests
{
    [Fact]
    public void SoundSection_IsBound()
    {
        var options = Bind(
            """
            { "Sample": { "Count": 3, "Time": "00:00:05", "Color": "green", "Names": [ "a", "b" ], "Items": [ { "Name": "x", "On": true }, { "Name": "y" } ],
              "Limits": { "one": 1 }, "Address": "http://localhost/", "Nothing": null }, "Other": { "Count": "nonsense" } }
            """
        );

        Assert.Equal(3, options.Count);
        Assert.Equal(TimeSpan.FromSeconds(5), options.Time);
        Assert.Equal(Color.Green, options.Color);
        Assert.Equal(["a", "b"], options.Names);
        Assert.Equal([("x", true), ("y", false)], options.Items.Select(item => (item.Name, item.On)));
        Assert.Equal(1, options.Limits["one"]);
        Assert.Equal("http://localhost/", options.Address?.ToString());
    }

    [Theory]
    [InlineData("""{ "Sample": { "Names": [], "Items": [], "Limits": {} } }""")]
    [InlineData("""{ "Sample": {} }""")]
    [InlineData("""{ "Sample": "" }""")]
    [InlineData("{}")]
    public void SectionWithNothingInIt_IsBound(string json) => Assert.Empty(Bind(json).Names);

    [Fact]
    public void Faults_AreAllNamed_WithTheValidators()
    {
        var fault = Assert.Throws<OptionsValidationException>(() =>
            Bind(
                """
                { "Sample": { "Count": "three", "Time": "soon", "Color": "mauve", "Nmes": [ "a" ], "Items": [ { "Name": "x", "On": "maybe" }, { "Nam": "y" } ],
                  "Limits": { "one": "1x" }, "Address": "http://user:secret@[", "Unlucky": 13 } }
                """
            )
        );

        Assert.Equal(
            [
                "Sample:Address: the value is not a value of type Uri.",
                "Sample:Color: 'mauve' is not one of Red, Green.",
                "Sample:Count: 'three' is not a whole number.",
                "Sample:Items:0:On: 'maybe' is not true or false.",
                "Sample:Items:1:Nam: there is no such setting.",
                "Sample:Limits:one: '1x' is not a whole number.",
                "Sample:Nmes:0: there is no such setting.",
                "Sample:Time: 'soon' is not a time span such as 00:00:30 or 7.00:00:00.",
                "Sample:Unlucky: must not be 13.",
            ],
            fault.Failures.Order(StringComparer.Ordinal)
        );
    }

    private static Sample Bind(string json)
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddValidatedOptions<Sample, SampleValidator>("Sample")
            .BuildServiceProvider();
        services.GetRequiredService<IStartupValidator>().Validate();
        return services.GetRequiredService<IOptions<Sample>>().Value;
    }

    public enum Color
    {
        Red,
        Green,
    }

    public sealed record Sample
    {
        public int Count { get; init; }

        public int? Unlucky { get; init; }

        public TimeSpan Time { get; init; }

        public Color Color { get; init; }

        public string[] Names { get; init; } = [];

        public List<Item> Items { get; init; } = [];

        public Dictionary<string, int> Limits { get; init; } = [];

        public Uri? Address { get; init; }

        public string? Nothing { get; init; }
    }

    public sealed record Item
    {
        public string Name { get; init; } = "";

        public bool On { get; init; }
    }

    private sealed class SampleValidator : IValidateOptions<Sample>
    {
        public ValidateOptionsResult Validate(string? name, Sample options) =>
            options.Unlucky == 13 ? ValidateOptionsResult.Fail("Sample:Unlucky: must not be 13.") : ValidateOptionsResult.Success;
    }
}
