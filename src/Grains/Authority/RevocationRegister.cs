using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Grains.Authority;

/// <summary>What a silo knows of revocations: all that are not forgotten, once they have been read from the store.</summary>
public sealed class RevocationRegister
{
    private const int PageSize = 1000;

    private static readonly Comparer<Revocation> ByNumber = Comparer<Revocation>.Create((one, other) => one.Number.CompareTo(other.Number));

    private readonly Lock _gate = new();
    private readonly List<Revocation> _all = [];
    private readonly RevocationList _list = new();
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _last;
    private DateTimeOffset? _forgottenBefore;

    /// <summary>The newest number, also when it is forgotten what had it; 0 when there is none.</summary>
    public long Last
    {
        get
        {
            lock (_gate)
                return _last;
        }
    }

    /// <summary>Completes when everything that was stored at the silo's start has been read: before that nobody can say that a token is good.</summary>
    public Task WhenComplete => _complete.Task;

    /// <summary>Takes what was read, in order; what is known already is left out.</summary>
    public void Add(IEnumerable<Revocation> revocations)
    {
        lock (_gate)
        {
            foreach (var revocation in revocations)
            {
                if (revocation.Number <= _last)
                    continue;
                _list.Add(revocation);
                _all.Add(revocation);
                _last = revocation.Number;
            }
        }
    }

    /// <summary>Forgets revocations of which all tokens were issued before a time. Edges are told to do the same.</summary>
    public void Forget(DateTimeOffset issuedBefore)
    {
        lock (_gate)
        {
            _all.RemoveAll(revocation => revocation.LastIssue() < issuedBefore);
            _list.Forget(issuedBefore);
            _forgottenBefore = issuedBefore;
        }
    }

    public void Complete() => _complete.TrySetResult();

    /// <inheritdoc cref="IAuthorityGrain.GetRevocationsAsync"/>
    public RevocationPage After(long number)
    {
        lock (_gate)
        {
            // Edges ask four times a second each, and nearly always there is nothing new.
            var known = _all.BinarySearch(new Revocation(number, null, null, null), ByNumber);
            var first = known < 0 ? ~known : known + 1;
            return new RevocationPage([.. _all.Skip(first).Take(PageSize)], _last, ForgottenBefore: _forgottenBefore);
        }
    }

    /// <inheritdoc cref="RevocationList.Covers"/>
    public bool Covers(string user, string tokenId, DateTimeOffset? issuedAt, string? textId = null) => _list.Covers(user, tokenId, issuedAt, textId);
}
