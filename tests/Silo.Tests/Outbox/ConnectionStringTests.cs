using Microsoft.Extensions.Configuration;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

namespace NotifyOrleans.Silo.Tests.Outbox;

public sealed class ConnectionStringTests
{
    [Theory]
    [InlineData(null, "is missing")]
    [InlineData("", "is missing")]
    [InlineData("Database=notify;Password=secret", "cannot be read")]
    [InlineData("Host=db;Pasword=secret", "cannot be read")]
    [InlineData("Host=db;Port=secret", "cannot be read")]
    [InlineData("postgres://secret@db/notify", "cannot be read")]
    [InlineData("Host=db;Command Timeout=0;Password=secret", "Command Timeout must be 1 s or more, so that a database that hangs is noticed")]
    [InlineData("Host=db;Target Session Attributes=primary;Password=secret", "Target Session Attributes other then Any is only supported with multiple hosts")]
    public void WithoutAUsableOne_PostgreSqlIsRefused(string? text, string fault)
    {
        var result = Validate(OutboxProvider.PostgreSql, text);

        var named = Assert.Single(result.Failures!);
        Assert.StartsWith($"ConnectionStrings:Outbox: {fault};", named);
        Assert.DoesNotContain("secret", named);
    }

    [Fact]
    public void RocksDb_NeedsNone() => Assert.False(Validate(OutboxProvider.RocksDb, null).Failed);

    [Fact]
    public void WhatItSays_Stays_AndTheRestIsSet()
    {
        var settings = DatabaseSettings.Read("Host=db;Maximum Pool Size=3;Timeout=15;SSL Mode=VerifyFull");

        Assert.Equal((3, 15, Npgsql.SslMode.VerifyFull), (settings.MaxPoolSize, settings.Timeout, settings.SslMode));
        Assert.Equal((5, -1, "notifyorleans-outbox"), (settings.CommandTimeout, settings.CancellationTimeout, settings.ApplicationName));
        Assert.Equal(10, DatabaseSettings.Read("Host=db").MaxPoolSize);
    }

    private static Microsoft.Extensions.Options.ValidateOptionsResult Validate(OutboxProvider provider, string? text)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:Outbox", text)]).Build();
        return new ConnectionStringValidator(configuration).Validate(null, new OutboxOptions { Provider = provider });
    }
}
