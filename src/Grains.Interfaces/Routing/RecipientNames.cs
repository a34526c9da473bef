namespace NotifyOrleans.Grains.Interfaces.Routing;

/// <summary>The recipients header as text, which silos deliver by and edges ask the authority about.</summary>
public static class RecipientNames
{
    public const string Header = "x-recipients";

    /// <summary>The users in a list: ids divided by commas, without the blanks around them, each once.</summary>
    public static string[] Of(string list) => [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
}
