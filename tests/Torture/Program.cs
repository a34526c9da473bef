using NotifyOrleans.Torture;

return await TortureCommand.Create().Parse(args).InvokeAsync();
