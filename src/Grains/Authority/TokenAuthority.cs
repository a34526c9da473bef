using System.Text;
using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Authority.Rules;
using NotifyOrleans.Grains.Authority.Tokens;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Placement;

namespace NotifyOrleans.Grains.Authority;

/// <summary>
/// Answers who a token's bearer is and what a user may do, to the broker by HTTP and to the edges by <see cref="AuthorityGrain"/>: the same question gets the
/// same answer. What cannot be answered is refused to the broker, which knows nothing else, and told to the edges, whose clients would take a refusal for the
/// end of a good token.
/// </summary>
public sealed partial class TokenAuthority(
    ITokenValidator tokens,
    CurrentRules currentRules,
    RevocationRegister revocations,
    RefusalPace pace,
    GrainReferences grains,
    AuthorityMetrics metrics,
    TimeProvider time,
    ILogger<TokenAuthority> logger
)
{
    /// <summary>Longer tokens are refused unread. An edge takes header lines up to this size; RabbitMQ's and people's tokens have 1-4 KiB.</summary>
    public const int MaxTokenLength = 16 * 1024;

    /// <summary>
    /// How long an answer waits for the grain that knows a user's tokens: a silo that has died takes some with it, and is known to be dead after about 3 s. The
    /// broker waits 5 s (docker/rabbitmq), the proxy between them a little longer than this (docker/nginx/authority.conf).
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>How long one attempt waits: far above what it takes.</summary>
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Who the bearer of a token is.</summary>
    /// <exception cref="AuthorityUnavailableException">That cannot be said now.</exception>
    public async Task<UserAnswer> AuthenticateAsync(UserQuestion question) => (await IdentifyAsync(question)).Answer;

    /// <summary>Who the bearer of a token is, and whether he may enter the virtual host from where he comes.</summary>
    /// <exception cref="AuthorityUnavailableException">That cannot be said now.</exception>
    public async Task<UserAnswer> SignInAsync(UserQuestion question)
    {
        var (user, standing) = await IdentifyAsync(question);
        if (!user.Allowed)
            return user;
        var enter = AccessQuestion.Enter(question.Vhost ?? "");
        var mayEnter = IsAllowed(new Asker(user.User, user.Tags, user.TokenId) { Address = question.Ip }, standing, enter);
        metrics.Answered(enter.Kind, mayEnter);
        return user with { MayEnter = mayEnter };
    }

    /// <summary>May the user enter the virtual host, from where he comes?</summary>
    /// <exception cref="AuthorityUnavailableException">That cannot be said now.</exception>
    public async Task<bool> AuthorizeAsync(VhostQuestion question)
    {
        var asker = new Asker(question.Username, question.Tags, question.TokenId) { Address = question.Ip };
        return (await DecideAsync(asker, AccessQuestion.Enter(question.Vhost)))[0];
    }

    /// <summary>May the user configure, write or read an exchange or a queue?</summary>
    /// <exception cref="AuthorityUnavailableException">That cannot be said now.</exception>
    public async Task<bool> AuthorizeAsync(ResourceQuestion question)
    {
        if (question.Resource is not (ResourceKind.Exchange or ResourceKind.Queue))
            return false;
        var access = new AccessQuestion(question.Vhost, question.Resource, question.Name, question.Permission, "");
        return (await DecideAsync(new Asker(question.Username, question.Tags, question.TokenId), access))[0];
    }

    /// <summary>May the user write a routing key, or read every key that a pattern can match?</summary>
    /// <exception cref="AuthorityUnavailableException">That cannot be said now.</exception>
    public async Task<bool> AuthorizeAsync(TopicQuestion question) =>
        (await DecideAsync(new Asker(question.Username, question.Tags, question.TokenId), AccessQuestion.Topic(question)))[0];

    /// <summary>May the user use the exchange, and the key or pattern?</summary>
    /// <exception cref="AuthorityUnavailableException">That cannot be said now.</exception>
    public async Task<TopicAnswer> AuthorizeWithExchangeAsync(TopicQuestion question)
    {
        var exchange = new AccessQuestion(question.Vhost, ResourceKind.Exchange, question.Exchange, question.Permission, "");
        var answers = await DecideAsync(new Asker(question.Username, question.Tags, question.TokenId), exchange, AccessQuestion.Topic(question));
        return new TopicAnswer(answers[0], answers[1]);
    }

    /// <summary>Which of many keys may the user not use?</summary>
    /// <returns>The first one; null when all are allowed.</returns>
    /// <exception cref="AuthorityUnavailableException">That cannot be said now.</exception>
    public async Task<string?> FindRefusedKeyAsync(TopicQuestion question, string[] keys)
    {
        var asker = new Asker(question.Username, question.Tags, question.TokenId);
        var answers = await DecideAsync(asker, Array.ConvertAll(keys, key => AccessQuestion.Topic(question with { RoutingKey = key })));
        return keys.Zip(answers).FirstOrDefault(each => !each.Second).First;
    }

    /// <summary>Answers a user question, counts it, and delays a refusal.</summary>
    private async Task<(UserAnswer Answer, UserStanding Standing)> IdentifyAsync(UserQuestion question)
    {
        var (answer, standing) = (UserAnswer.Denied, UserStanding.Unknown);
        try
        {
            (answer, standing) = await CheckAsync(question);
        }
        catch (Exception exception)
        {
            throw Unanswered("user", exception);
        }
        finally
        {
            metrics.Answered("user", answer.Allowed);
        }
        if (!answer.Allowed)
            await pace.WaitAsync();
        return (answer, standing);
    }

    private async Task<(UserAnswer Answer, UserStanding Standing)> CheckAsync(UserQuestion question)
    {
        var refused = (UserAnswer.Denied, UserStanding.Unknown);
        if (string.IsNullOrEmpty(question.Password) || question.Password.Length > MaxTokenLength)
            return refused;
        if (string.IsNullOrEmpty(question.Username) && !question.LoginOptional)
            return refused;
        var token = await tokens.ValidateAsync(question.Password);
        if (token is null || !IsUserId(token.User))
            return refused;
        if (!string.IsNullOrEmpty(question.Username) && question.Username != token.User)
            return refused;
        await revocations.WhenComplete.WaitAsync(Patience, time);
        if (revocations.Covers(token.User, token.Id, token.IssuedAt, token.TextId))
        {
            metrics.TokenRefused("revoked");
            return refused;
        }
        string[] roles = [.. currentRules.Value.Roles.Where(token.Roles.Contains).Order(StringComparer.Ordinal)];
        var known = new KnownToken(token.Id, token.IssuedAt, token.ExpiresAt, roles, [.. token.Claims])
        {
            OtherRoles = [.. token.Roles.Except(roles)],
            TextId = token.TextId,
        };
        var standing = await AskAsync(token.User, grain => grain.RecordAsync(token.User, known));
        string[] tags = roles.Contains(DefaultRules.AdminRole) ? [.. roles.Append(DefaultRules.AdministratorTag).Distinct()] : roles;
        return (new UserAnswer(true, token.User, tags, token.ExpiresAt, token.Id, token.IssuedAt, TextId: token.TextId), standing);
    }

    /// <summary>Answers questions of one user, in their order, and counts them.</summary>
    private async Task<bool[]> DecideAsync(Asker asker, params AccessQuestion[] questions)
    {
        var answers = new bool[questions.Length];
        try
        {
            if (IsUserId(asker.User) && questions.Any(IsComplete))
            {
                await revocations.WhenComplete.WaitAsync(Patience, time);
                var standing = await AskAsync(asker.User, grain => grain.GetStandingAsync(asker.User, asker.TokenId));
                var known = Array.ConvertAll(questions, question => IsAllowed(asker, standing, question));
                if (
                    standing.IsPartial
                    && questions.Zip(known).Any(each => IsComplete(each.First) && !(each.Second && currentRules.Value.AllowsWhateverIsClaimed(each.First)))
                )
                    throw new AuthorityStoreException("What the asker's token says cannot be read.");
                answers = known;
            }
        }
        catch (Exception exception)
        {
            throw Unanswered(questions[^1].Kind, exception);
        }
        finally
        {
            for (var index = 0; index < questions.Length; index++)
                metrics.Answered(questions[index].Kind, answers[index]);
        }
        return answers;
    }

    private AuthorityUnavailableException Unanswered(string kind, Exception exception)
    {
        LogFailed(logger, kind, exception.GetType().Name);
        return new AuthorityUnavailableException($"A {kind} question cannot be answered now");
    }

    private bool IsAllowed(Asker asker, UserStanding standing, AccessQuestion question)
    {
        if (standing.Expired || !IsComplete(question))
            return false;
        var rules = currentRules.Value;
        // A role that has ended still restricts where from.
        var roles = asker.Tags.Union(standing.OtherRoles);
        return (question.Resource != ResourceKind.Vhost || rules.AllowsFrom(roles, asker.Address))
            && rules.Allows(new Subject(asker.User, [.. roles.Except(standing.ExpiredRoles)], standing.Claims), question);
    }

    /// <summary>Asks the grain that knows a user's tokens, again if the silo where it was is going or gone.</summary>
    private async Task<T> AskAsync<T>(string user, Func<IShownTokensGrain, Task<T>> question)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await question(grains.TokensOf(user)).WaitAsync(AttemptTimeout, time);
            }
            catch (Exception exception)
                when (exception is TimeoutException or OrleansException && time.GetElapsedTime(started) + RetryInterval + AttemptTimeout <= Patience)
            {
                await Task.Delay(RetryInterval, time);
            }
        }
    }

    private static bool IsComplete(AccessQuestion question) => IsName(question.Vhost) && IsName(question.Name) && !ShortString.IsTooLong(question.Key);

    private static bool IsName(string name) => name.Length > 0 && !ShortString.IsTooLong(name);

    /// <summary>No control characters, which must not get into headers and logs, and no halves of surrogate pairs, which all look alike in UTF-8.</summary>
    private static bool IsUserId(string user)
    {
        if (user.Length is 0 or > ShortString.MaxBytes || user.Any(char.IsControl))
            return false;
        try
        {
            return StrictUtf8.Encoding.GetByteCount(user) <= ShortString.MaxBytes;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    /// <param name="User">Who asks.</param>
    /// <param name="Tags">The tags of the user answer.</param>
    /// <param name="TokenId">The token that he has signed in with, when that is known.</param>
    private readonly record struct Asker(string User, string[] Tags, string? TokenId)
    {
        /// <summary>Where from; of a question about a vhost.</summary>
        public string? Address { get; init; }
    }
}
