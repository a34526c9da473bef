namespace NotifyOrleans.Edge.Commands;

/// <summary>The commands of clients.</summary>
internal static class CommandsExtensions
{
    public static WebApplicationBuilder AddCommands(this WebApplicationBuilder builder)
    {
        builder
            .Services.AddSingleton<CommandRouter>()
            .AddSingleton<ICommandHandler, ConnectHandler>()
            .AddSingleton<ICommandHandler, SubscribeHandler>()
            .AddSingleton<ICommandHandler, UnsubscribeHandler>()
            .AddSingleton<ICommandHandler, SendHandler>()
            .AddSingleton<ICommandHandler, AckHandler>()
            .AddSingleton<ICommandHandler, TransactionHandler>()
            .AddSingleton<ICommandHandler, DisconnectHandler>();
        return builder;
    }
}
