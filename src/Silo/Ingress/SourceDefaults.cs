namespace NotifyOrleans.Silo.Ingress;

/// <summary>
/// What a source has that its settings leave out, the first and any other: all of its messages are taken, and users' keys are <c>user.{user}.#</c>. Without the
/// latter a message for somebody who is away would be one of a topic, and gone. They are settings too, and no values of <see cref="SourceOptions"/>: the binder
/// adds to a list that an option starts with.
/// </summary>
internal static class SourceDefaults
{
    private const string Sources = $"{IngressOptions.Section}:{nameof(IngressOptions.Sources)}";
    private const string FirstSource = $"{Sources}:0";

    /// <summary>Adds them to the configuration where it says nothing.</summary>
    /// <param name="configuration">With all that the operator has set.</param>
    /// <param name="isDevelopment">Whether sources are made: nobody has made them on a broker that is minutes old.</param>
    public static void AddTo(IConfigurationManager configuration, bool isDevelopment)
    {
        Dictionary<string, string?> missing = [];
        Add($"{FirstSource}:{nameof(SourceOptions.Exchange)}", "notifications");
        foreach (var source in configuration.GetSection(Sources).GetChildren().Select(source => source.Path).Append(FirstSource).Distinct())
        {
            AddToList($"{source}:{nameof(SourceOptions.Bindings)}", "#");
            AddToList($"{source}:{nameof(SourceOptions.Users)}", "user.{user}.#");
            if (isDevelopment)
                Add($"{source}:{nameof(SourceOptions.Declare)}", bool.TrueString);
        }
        configuration.AddInMemoryCollection(missing);

        void Add(string setting, string value)
        {
            if (configuration[setting] is null)
                missing[setting] = value;
        }

        // A list that is set to nothing is meant to be empty.
        void AddToList(string setting, string value)
        {
            if (configuration[setting] is null)
                Add($"{setting}:0", value);
        }
    }
}
