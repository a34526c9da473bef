using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Publishing;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Interfaces.Ingress;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Edge.Authority;

/// <summary>Asks the one authority, which the broker asks too.</summary>
internal sealed class EdgeAuthority(ClusterConnection cluster, LinkTable links, ExchangeTypes exchanges, IOptions<LinksOptions> options, TimeProvider time)
{
    /// <summary>Between attempts while the silos change.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a sign-in waits for a silo: a failover takes less, the login time-out is longer.</summary>
    private static readonly TimeSpan SignInPatience = TimeSpan.FromSeconds(5);

    /// <summary>Who the bearer of a token is, and whether he may enter the virtual host from there.</summary>
    /// <exception cref="ClusterUnavailableException">No silo answers for a while.</exception>
    public Task<UserAnswer> SignInAsync(string login, string passcode, string vhost, string peerAddress) =>
        AskAsync(grain => grain.SignInAsync(new UserQuestion(login, passcode, vhost, LoginOptional: true, peerAddress)), SignInPatience);

    /// <summary>May the user enter the virtual host from there?</summary>
    /// <exception cref="ClusterUnavailableException">No silo answers for a while.</exception>
    public Task<bool> MayEnterAsync(Identity identity, string peerAddress) =>
        AskAsync(grain => grain.AuthorizeAsync(new VhostQuestion(identity.User, identity.Vhost, peerAddress, identity.Tags, identity.TokenId)), SignInPatience);

    /// <summary>
    /// Returns when the user may read the exchange, and every key that the pattern can match. Keys do not count for an exchange that is no topic exchange, as
    /// the broker does not ask for them; but of a source they do: edges give it to users key by key, whatever it is.
    /// </summary>
    /// <exception cref="StompErrorException">He may not.</exception>
    /// <exception cref="ClusterUnavailableException">No silo answers for a while.</exception>
    public async Task RequireReadAsync(Identity identity, string exchange, string pattern)
    {
        var may = await AskAsync(identity, exchange, pattern, Permission.Read);
        if (!may.Key && (!may.Exchange || await HasKeysAsync(exchange)))
            throw new StompErrorException(StompErrors.TopicReadRefused(pattern, exchange, identity.Vhost, identity.User));
        if (!may.Exchange)
            throw new StompErrorException(StompErrors.ExchangeRefused(exchange, identity.Vhost, identity.User));
    }

    /// <summary>Returns when the user may do all that with the queue.</summary>
    /// <exception cref="StompErrorException">He may not.</exception>
    /// <exception cref="ClusterUnavailableException">No silo answers for a while.</exception>
    public async Task RequireQueueAsync(Identity identity, string queue, IEnumerable<Permission> permissions)
    {
        var answers = await Task.WhenAll(permissions.Select(permission => AskAsync(identity, ResourceKind.Queue, queue, permission)));
        if (!answers.All(allowed => allowed))
            throw new StompErrorException(StompErrors.QueueRefused(queue, identity.Vhost, identity.User));
    }

    /// <summary>Returns when the user may do that with the exchange.</summary>
    /// <exception cref="StompErrorException">He may not.</exception>
    /// <exception cref="ClusterUnavailableException">No silo answers for a while.</exception>
    public async Task RequireExchangeAsync(Identity identity, string exchange, Permission permission)
    {
        if (!await AskAsync(identity, ResourceKind.Exchange, NameOf(exchange), permission))
            throw new StompErrorException(StompErrors.ExchangeRefused(NameOf(exchange), identity.Vhost, identity.User));
    }

    /// <summary>
    /// Returns when the user may write to the exchange with this key. When the key counts is as for reading: a source gives to whom the key names, whatever it
    /// is.
    /// </summary>
    /// <exception cref="StompErrorException">He may not.</exception>
    /// <exception cref="ClusterUnavailableException">No silo answers for a while.</exception>
    public async Task RequireWriteAsync(Identity identity, string exchange, string key)
    {
        // The default exchange has no keys of topics.
        if (exchange.Length == 0)
        {
            await RequireExchangeAsync(identity, exchange, Permission.Write);
            return;
        }
        var may = await AskAsync(identity, exchange, key, Permission.Write);
        if (!may.Exchange)
            throw new StompErrorException(StompErrors.ExchangeRefused(exchange, identity.Vhost, identity.User));
        if (!may.Key && await HasKeysAsync(exchange))
            throw new StompErrorException(StompErrors.TopicWriteRefused(key, exchange, identity.Vhost, identity.User));
    }

    /// <summary>
    /// Returns when the user may write to the exchange with this key, and, when it is a source, with a key of everybody whom the header names: whoever is named
    /// gets the message, whatever its key is.
    /// </summary>
    /// <param name="identity">The user.</param>
    /// <param name="exchange">The exchange.</param>
    /// <param name="key">The key.</param>
    /// <param name="recipients">The recipients header; null when there is none.</param>
    /// <exception cref="StompErrorException">He may not.</exception>
    /// <exception cref="ClusterUnavailableException">No silo answers for a while.</exception>
    public async Task RequireWriteAsync(Identity identity, string exchange, string key, string? recipients)
    {
        await RequireWriteAsync(identity, exchange, key);
        if (recipients is null)
            return;
        if (await FindSourceAsync(exchange) is not { } source)
            return;
        var template = source.Users is [var text, ..] && UserKeyTemplate.TryParse(text, out var own) ? own : UserKeyTemplate.Default;
        string[] keys = [.. RecipientNames.Of(recipients).Select(template.KeyOf)];
        if (keys.Length == 0)
            return;
        var question = QuestionOf(identity, exchange, key, Permission.Write);
        var refused = await AskAsync(grain => grain.FindRefusedKeyAsync(question, keys), options.Value.SubscribeTimeout);
        if (refused is not null)
            throw new StompErrorException(StompErrors.TopicWriteRefused(refused, exchange, identity.Vhost, identity.User));
    }

    /// <summary>The two questions that the broker asks for a binding or a publish, at once.</summary>
    private Task<TopicAnswer> AskAsync(Identity identity, string exchange, string key, Permission permission)
    {
        var question = QuestionOf(identity, exchange, key, permission);
        return AskAsync(grain => grain.AuthorizeAsync(question), options.Value.SubscribeTimeout);
    }

    private static TopicQuestion QuestionOf(Identity identity, string exchange, string key, Permission permission) =>
        new(identity.User, identity.Vhost, exchange, permission, key, identity.Tags, identity.TokenId);

    private Task<bool> AskAsync(Identity identity, ResourceKind kind, string name, Permission permission)
    {
        var question = new ResourceQuestion(identity.User, identity.Vhost, kind, name, permission, identity.Tags, identity.TokenId);
        return AskAsync(grain => grain.AuthorizeAsync(question), options.Value.SubscribeTimeout);
    }

    /// <summary>Whether it counts which keys a user may use: the broker asks for those of topic exchanges, and edges for those of sources too.</summary>
    private async Task<bool> HasKeysAsync(string exchange) => await FindSourceAsync(exchange) is not null || !await exchanges.IsOtherAsync(exchange);

    /// <summary>The source that the exchange is; null when it is none.</summary>
    /// <exception cref="ClusterUnavailableException">No silo has told the sources for a while: any exchange may be one.</exception>
    private async Task<SourceDescription?> FindSourceAsync(string exchange)
    {
        using var patience = new CancellationTokenSource(options.Value.SubscribeTimeout, time);
        try
        {
            return Array.Find(await links.SourcesAsync(patience.Token), source => source.Exchange == exchange);
        }
        catch (OperationCanceledException exception)
        {
            throw new ClusterUnavailableException("The sources cannot be told now", exception);
        }
    }

    /// <summary>As the broker names an exchange to its authority.</summary>
    private static string NameOf(string exchange) => exchange.Length == 0 ? "amq.default" : exchange;

    private async Task<T> AskAsync<T>(Func<IAuthorityGrain, Task<T>> question, TimeSpan patience)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await cluster.CallAsync(0, question);
            }
            catch (Exception exception) when (ClusterConnection.IsUnavailable(exception))
            {
                var left = patience - time.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                    throw new ClusterUnavailableException("Tokens cannot be checked now", exception);
                await Task.Delay(RetryInterval, time);
                // Thousands may wait; while there is surely nobody to ask, none of them asks.
                using var end = new CancellationTokenSource(left, time);
                await links.WhenLinkedAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
