namespace NotifyOrleans.Torture.Clients;

/// <summary>A session could not be opened: refused, reset, or not answered in time.</summary>
internal sealed class SessionFailedException(Exception reason) : Exception(reason.Message, reason);
