using Microsoft.Extensions.Options;

namespace NotifyOrleans.Grains.Users;

/// <summary>Names every fault of <see cref="MailboxOptions"/>.</summary>
public sealed class MailboxOptionsValidator : IValidateOptions<MailboxOptions>
{
    public ValidateOptionsResult Validate(string? name, MailboxOptions options)
    {
        List<string> faults = [];
        // Below the time after which a dispatcher offers again, above a client's round trip.
        if (options.StoreAfter < TimeSpan.FromMilliseconds(50) || options.StoreAfter > TimeSpan.FromSeconds(2))
            faults.Add($"Mailbox:StoreAfter: must be from 50 ms to 2 s, is {options.StoreAfter}.");
        if (options.MaxMessagesInMemory < 1)
            faults.Add($"Mailbox:MaxMessagesInMemory: must be above 0, is {options.MaxMessagesInMemory}.");
        if (options.MaxBytesInMemory < 1024)
            faults.Add($"Mailbox:MaxBytesInMemory: must be at least 1024, is {options.MaxBytesInMemory}.");
        if (options.RepeatWindow < TimeSpan.Zero)
            faults.Add($"Mailbox:RepeatWindow: must not be negative, is {options.RepeatWindow}.");
        if (options.MaxRepeatIds < 1)
            faults.Add($"Mailbox:MaxRepeatIds: must be above 0, is {options.MaxRepeatIds}.");
        if (options.TakeoverGrace < TimeSpan.Zero || options.TakeoverGrace > TimeSpan.FromSeconds(30))
            faults.Add($"Mailbox:TakeoverGrace: must be from 0 to 30 s, is {options.TakeoverGrace}.");
        // What is kept is memory.
        if (options.RefreshGrace < TimeSpan.Zero || options.RefreshGrace > TimeSpan.FromMinutes(10))
            faults.Add($"Mailbox:RefreshGrace: must be from 0 to 10 min, is {options.RefreshGrace}.");
        if (options.MaxDurablePerUser < 0)
            faults.Add($"Mailbox:MaxDurablePerUser: must not be negative, is {options.MaxDurablePerUser}.");
        // Whether somebody still comes is written down once a day.
        if (options.AbandonedAfter < TimeSpan.FromDays(2))
            faults.Add($"Mailbox:AbandonedAfter: must be at least 2 days, is {options.AbandonedAfter}.");
        if (options.AbandonedAfter > SettingBounds.MaxTime)
            faults.Add($"Mailbox:AbandonedAfter: must be at most {SettingBounds.MaxTime}, is {options.AbandonedAfter}.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
