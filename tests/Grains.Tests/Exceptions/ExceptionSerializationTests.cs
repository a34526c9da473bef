using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NotifyOrleans.Grains.Interfaces.Exceptions;
using NotifyOrleans.Grains.Outbox;
using Npgsql;
using Orleans.Serialization;

namespace NotifyOrleans.Grains.Tests.Exceptions;

public sealed class ExceptionSerializationTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().AddExceptionSerialization().BuildServiceProvider();
    private readonly Exception _exception = new OutboxUnavailableException(
        "The outbox is away",
        new NpgsqlException("No connection", new IOException("Broken pipe"))
    );

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Exception_ThatBothNodesKnow_IsRead_WithWhatCausedIt()
    {
        var read = Serializer.Deserialize<Exception>(Serializer.SerializeToArray(_exception));

        Assert.Equal("The outbox is away", Assert.IsType<OutboxUnavailableException>(read).Message);
        Assert.Equal("No connection", Assert.IsType<NpgsqlException>(read.InnerException).Message);
        Assert.Equal("Broken pipe", Assert.IsType<IOException>(read.InnerException!.InnerException).Message);
    }

    [Theory]
    [InlineData("NotifyOrleans.Grains")]
    [InlineData("Npgsql")]
    public void Exception_OfAnAssemblyThatTheReaderHasNot_IsReadWithItsText(string assembly)
    {
        // An assembly of another name, which nobody has.
        var written = Encoding.Latin1.GetString(Serializer.SerializeToArray(_exception));
        var absent = written.Replace($"Exception,{assembly}", $"Exception,{new string('x', assembly.Length)}", StringComparison.Ordinal);
        Assert.NotEqual(written, absent);
        var read = Serializer.Deserialize<Exception>(Encoding.Latin1.GetBytes(absent));

        Assert.Equal(["The outbox is away", "No connection", "Broken pipe"], Texts(read));
    }

    private static IEnumerable<string> Texts(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            yield return exception.Message;
    }
}
