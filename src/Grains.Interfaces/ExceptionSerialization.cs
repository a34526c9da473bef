using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace NotifyOrleans.Grains.Interfaces;

/// <summary>How what a call failed with gets to its caller on another node.</summary>
public static class ExceptionSerialization
{
    /// <summary>
    /// Lets every exception be written, with what caused it; who does not know its type reads its text (<see cref="UnavailableExceptionFallbackException"/>).
    /// By default Orleans writes those of the framework only: a call that failed with a library's fails with a complaint about that, and both nodes log errors.
    /// </summary>
    public static IServiceCollection AddExceptionSerialization(this IServiceCollection services) =>
        services.Configure<ExceptionSerializationOptions>(options => options.SupportedExceptionTypeFilter = _ => true);
}
