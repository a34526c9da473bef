using NotifyOrleans.Testing;

namespace NotifyOrleans.System.Tests.BothWays;

/// <summary>Users x roles x tokens x resources x permissions x keys.</summary>
internal static class AccessTable
{
    private const string Source = "notifications";
    private const string TopicExchange = "amq.topic";

    /// <summary>Of each subscription at the broker, by docker/broker-clients.env.</summary>
    private static readonly string[] OfItsQueue =
    [
        "resource?resource=queue&name=stomp-subscription-x&permission=configure",
        "resource?resource=queue&name=stomp-subscription-x&permission=write",
        "resource?resource=queue&name=stomp-subscription-x&permission=read",
    ];

    private static readonly string[] PlainUsers = ["alice", "bob", "a.b", "*", "#", "a%2Eb", "Zoë", "o'neil+&"];

    /// <summary>All rows.</summary>
    public static IReadOnlyList<AccessRow> Create(DevelopmentTokens tokens) =>
        [
            .. PlainUsers.SelectMany(user => OfPlainUser(Good(tokens, user))),
            .. OfService(Good(tokens, "billing", "service")),
            .. OfService(Good(tokens, "root", "admin")),
            .. OfAuditor(Good(tokens, "ann", "auditor")),
            .. OfPlainUser(Good(tokens, "mallory", "customer service")),
            .. Enum.GetValues<TokenKind>().Where(kind => kind != TokenKind.Good).SelectMany(kind => OfRefused(kind, tokens)),
        ];

    /// <summary>A token of the role <c>service</c> with which that is the matter, or will be.</summary>
    public static string TokenOf(TokenKind kind, string user, DevelopmentTokens tokens) =>
        kind switch
        {
            TokenKind.Expired => tokens.For(user, TimeSpan.FromHours(-1), "service"),
            TokenKind.Tampered => Tampered(tokens.For(user), tokens.For(user, "service")),
            TokenKind.OfAnotherAudience => tokens.ForAudience("somebody-else", user, "service"),
            TokenKind.OfAnotherUser => tokens.For("somebody", "service"),
            TokenKind.Garbage => "guest",
            _ => tokens.For(user, "service"),
        };

    private static AccessClient Good(DevelopmentTokens tokens, string user, params string[] roles) => new(user, TokenKind.Good, tokens.For(user, roles), roles);

    private static IEnumerable<AccessRow> OfPlainUser(AccessClient client)
    {
        var word = WordOf(client.User);
        string[] patterns =
        [
            "#",
            $"*.{client.User}",
            "user.*",
            "user.#",
            "user.bob",
            $"user.#.{client.User}",
            $"user.{client.User}.#",
            $"user.{word}",
            $"user.{word}.*.done",
            "broadcast.#",
            "topic.a.*",
            "topics",
        ];
        foreach (var pattern in patterns.Distinct())
        {
            yield return Subscribe(client, Source, pattern, IsOwnOrShared(client.User, pattern));
            yield return Subscribe(client, TopicExchange, pattern, IsOwnOrShared(client.User, pattern));
        }
        yield return Subscribe(client, "orders", "new", false);
        yield return Send(client, Source, $"user.{word}", false);
        yield return Send(client, TopicExchange, "topic.a", false);
        yield return SubscribeQueue(client, "jobs", false);
    }

    private static IEnumerable<AccessRow> OfService(AccessClient client)
    {
        yield return Subscribe(client, Source, "#", true);
        yield return Subscribe(client, TopicExchange, "*.alice", true);
        yield return Subscribe(client, "orders", "private.#", true);
        yield return Send(client, Source, "topic.news", true);
        yield return Send(client, TopicExchange, "user.alice", true);
        yield return SubscribeQueue(client, "jobs", true);
    }

    private static IEnumerable<AccessRow> OfAuditor(AccessClient client)
    {
        foreach (var pattern in (string[])["new", "new.#", "new.private"])
            yield return Subscribe(client, "orders", pattern, true);
        foreach (var pattern in (string[])["#", "*", "private", "private.#", "*.new"])
            yield return Subscribe(client, "orders", pattern, false);
        yield return Send(client, "orders", "new", false);
        yield return Subscribe(client, Source, "user.ann.#", true);
    }

    /// <summary>The best that its bearer could want: none of it is his.</summary>
    private static IEnumerable<AccessRow> OfRefused(TokenKind kind, DevelopmentTokens tokens)
    {
        var user = $"bearer-{kind}";
        var client = new AccessClient(user, kind, TokenOf(kind, user, tokens), "service");
        yield return Subscribe(client, Source, $"user.{user}.#", false);
        yield return Subscribe(client, TopicExchange, "broadcast.#", false);
        yield return Subscribe(client, Source, "#", false);
        yield return Send(client, Source, "user.alice", false);
        yield return SubscribeQueue(client, "jobs", false);
    }

    private static string Tampered(string token, string other)
    {
        var parts = token.Split('.');
        return $"{parts[0]}.{other.Split('.')[1]}.{parts[2]}";
    }

    private static AccessRow Subscribe(AccessClient client, string exchange, string pattern, bool isAllowed) =>
        new(
            client,
            "SUBSCRIBE",
            exchange == TopicExchange ? $"/topic/{pattern}" : $"/exchange/{exchange}/{pattern}",
            [
                .. OfItsQueue,
                $"resource?resource=exchange&name={exchange}&permission=read",
                $"topic?resource=topic&name={exchange}&permission=read&routing_key={Uri.EscapeDataString(pattern)}",
            ],
            isAllowed
        );

    private static AccessRow Send(AccessClient client, string exchange, string key, bool isAllowed) =>
        new(
            client,
            "SEND",
            exchange == TopicExchange ? $"/topic/{key}" : $"/exchange/{exchange}/{key}",
            [
                $"resource?resource=exchange&name={exchange}&permission=write",
                $"topic?resource=topic&name={exchange}&permission=write&routing_key={Uri.EscapeDataString(key)}",
            ],
            isAllowed
        );

    private static AccessRow SubscribeQueue(AccessClient client, string queue, bool isAllowed) =>
        new(
            client,
            "SUBSCRIBE",
            $"/queue/{queue}",
            [$"resource?resource=queue&name={queue}&permission=configure", $"resource?resource=queue&name={queue}&permission=read"],
            isAllowed
        );

    /// <summary>Without the rules' engine: a pattern is a user's if it begins with his own words or shared ones.</summary>
    private static bool IsOwnOrShared(string user, string pattern) =>
        pattern.Split('.') is ["broadcast", ..] or ["topic", ..] || (pattern.Split('.') is ["user", var second, ..] && second == WordOf(user));

    private static string WordOf(string user) =>
        user.Replace("%2E", "%252E", StringComparison.Ordinal)
            .Replace(".", "%2E", StringComparison.Ordinal)
            .Replace("*", "%2A", StringComparison.Ordinal)
            .Replace("#", "%23", StringComparison.Ordinal);
}
