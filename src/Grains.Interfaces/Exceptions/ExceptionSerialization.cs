using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace NotifyOrleans.Grains.Interfaces.Exceptions;

/// <summary>How what a call failed with gets to its caller on another node.</summary>
public static class ExceptionSerialization
{
    /// <summary>
    /// Lets every exception be written, with what caused it, and be read by nodes that have not its type. By default Orleans writes those of the framework only:
    /// a call that failed with a library's fails with a complaint about that, and both nodes log errors.
    /// </summary>
    public static IServiceCollection AddExceptionSerialization(this IServiceCollection services) =>
        services
            .AddSingleton<ITypeConverter, UnknownExceptions>()
            .Configure<ExceptionSerializationOptions>(options => options.SupportedExceptionTypeFilter = _ => true);
}
