using Microsoft.Extensions.Configuration;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Silo.Events;

namespace NotifyOrleans.Silo.Tests.Events;

public sealed class EventsOptionsValidatorTests
{
    [Theory]
    [InlineData("365.00:00:00", true)]
    [InlineData("365.00:00:01", false)]
    [InlineData("10675199.02:48:05.4775807", false)]
    public void After_BeyondAYear_IsAFault(string after, bool isSound)
    {
        var options = new EventsOptions { Undelivered = new UndeliveredOptions { After = TimeSpan.Parse(after) } };

        var result = new EventsOptionsValidator(new ConfigurationBuilder().Build()).Validate(null, options);

        Assert.Equal(isSound ? null : [$"Events:Undelivered:After: must be at most 365.00:00:00, is {after}."], result.Failures);
    }
}
