using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority.Rules;

namespace NotifyOrleans.Grains.Authority;

/// <summary>Names every fault of <see cref="AuthorityOptions"/> but those of the issuers, whose keys the silo reads.</summary>
public sealed class AuthorityOptionsValidator : IValidateOptions<AuthorityOptions>
{
    // More than clocks are ever apart; a larger value would keep dead tokens alive.
    private static readonly TimeSpan MaxClockSkew = TimeSpan.FromMinutes(5);

    public ValidateOptionsResult Validate(string? name, AuthorityOptions options)
    {
        var faults = new List<string>();
        for (var i = 0; i < options.Rules.Length; i++)
            AccessRuleReader.Read(options.Rules[i], $"{AuthorityOptions.Section}:Rules:{i}", faults);
        for (var i = 0; i < options.AddressRanges.Length; i++)
        {
            var path = $"{AuthorityOptions.Section}:AddressRanges:{i}";
            AccessRuleReader.CheckRole(options.AddressRanges[i].Role, $"{path}:Role", faults);
            AddressRanges.Read(options.AddressRanges[i], path, faults);
        }
        if (options.ClockSkew < TimeSpan.Zero || options.ClockSkew > MaxClockSkew)
            faults.Add($"Authority:ClockSkew: must be from 0 to {MaxClockSkew}, is {options.ClockSkew}.");
        if (options.MaxTokenLifetime <= TimeSpan.Zero)
            faults.Add($"Authority:MaxTokenLifetime: must be above 0, is {options.MaxTokenLifetime}.");
        if (options.MaxTokenLifetime > SettingBounds.MaxTime)
            faults.Add($"Authority:MaxTokenLifetime: must be at most {SettingBounds.MaxTime}, is {options.MaxTokenLifetime}.");
        if (
            options.BrokerManagement.Length > 0
            && !(Uri.TryCreate(options.BrokerManagement, UriKind.Absolute, out var management) && management.Scheme is "http" or "https")
        )
            faults.Add("Authority:BrokerManagement: is not an address such as http://user:password@host:15672.");
        foreach (var (setting, claim) in new[] { ("UserClaim", options.UserClaim), ("RolesClaim", options.RolesClaim), ("ScopeClaim", options.ScopeClaim) })
        {
            if (string.IsNullOrWhiteSpace(claim))
                faults.Add($"Authority:{setting}: names no claim.");
        }
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
