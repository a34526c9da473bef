using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>Names what is wrong with <c>ConnectionStrings:Outbox</c>, where the provider needs it.</summary>
internal sealed class ConnectionStringValidator(IConfiguration configuration) : IValidateOptions<OutboxOptions>
{
    public ValidateOptionsResult Validate(string? name, OutboxOptions options) =>
        options.Provider == OutboxProvider.PostgreSql && DatabaseSettings.FindFaults(configuration).ToArray() is { Length: > 0 } faults
            ? ValidateOptionsResult.Fail(faults)
            : ValidateOptionsResult.Skip;
}
