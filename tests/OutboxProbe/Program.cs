using NotifyOrleans.OutboxProbe;

return args switch
{
    ["endless", var folder] => await Endless.RunAsync(folder),
    ["figures", var target, var rows] => await Figures.RunAsync(target, int.Parse(rows)),
    ["offline", var target, var users, var messages] => await Offline.RunAsync(target, int.Parse(users), int.Parse(messages)),
    ["topics", var target, var subscriptions, var messages] => await Topics.RunAsync(target, int.Parse(subscriptions), int.Parse(messages)),
    ["recipients", var target, var users, var messages] => await Recipients.RunAsync(target, int.Parse(users), int.Parse(messages)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        """
        outboxprobe endless FOLDER          commits without end and prints what is committed; killed by a test
        outboxprobe figures TARGET ROWS     appends/s, deletes/s and bytes on disk per row
        outboxprobe offline TARGET USERS MESSAGES
                                            memory for users who are away, and the time to open what they have left
        outboxprobe topics TARGET SUBSCRIPTIONS MESSAGES
                                            one topic with many durable subscriptions: what a message costs, and what coming back
        outboxprobe recipients TARGET USERS MESSAGES
                                            messages to many users: how soon one may be acknowledged

        TARGET is a folder (RocksDB) or a connection string (PostgreSQL, an empty database)
        """
    );
    return 2;
}
