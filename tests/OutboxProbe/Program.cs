using NotifyOrleans.OutboxProbe;

return args switch
{
    ["endless", var folder] => await Endless.RunAsync(folder),
    ["figures", var folder, var rows] => await Figures.RunAsync(folder, int.Parse(rows)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        """
        outboxprobe endless FOLDER          commits without end and prints what is committed; killed by a test
        outboxprobe figures FOLDER ROWS     appends/s, deletes/s and bytes on disk per row
        """);
    return 2;
}
