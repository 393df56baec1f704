namespace ExposureMonitor.Engine;

/// <summary>Every minute the service proves what it committed since; a violation turns it not ready and stays until somebody looks.</summary>
public sealed partial class ExposureEngine
{
    private static readonly TimeSpan ProofEvery = TimeSpan.FromMinutes(1);

    private volatile string? _violation;
    private volatile ProofState? _proved;
    private ITimer? _proving;
    private int _isProving;

    /// <summary>What the online proofs found; <c>null</c> ordinarily.</summary>
    public string? Violation => _violation;

    /// <summary>How far the chains of the journal were proved since the start, and when; <c>null</c> before the engine runs.</summary>
    public ProofState? Proved => _proved;

    private async Task BeginProofAsync(CancellationToken cancel)
    {
        var proof = new OnlineProof(_journal.Reader);
        await proof.BeginAsync(cancel);
        _proved = new ProofState(_time.GetUtcNow(), proof.Proved());
        _proving = _time.CreateTimer(_ => _ = Aside(() => ProveAsync(proof)), null, ProofEvery, ProofEvery);
    }

    private async Task ProveAsync(OnlineProof proof)
    {
        if (_stopping || Interlocked.Exchange(ref _isProving, 1) == 1) return;
        try
        {
            if (_violation is not null) return;
            if (await proof.RunAsync(Owns, _stop.Token) is not { } violation)
            {
                _proved = new ProofState(_time.GetUtcNow(), proof.Proved());
                return;
            }

            _violation = violation;
            Instruments.Violations.Add(1);
        }
        catch (Exception away) when (away is JournalUnavailableException or OperationCanceledException or ObjectDisposedException)
        {
            // Nothing was proved, and nothing disproved: the next minute looks again.
        }
        finally
        {
            Volatile.Write(ref _isProving, 0);
        }
    }
}

/// <summary>What the online proofs have proved.</summary>
/// <param name="At">When they last ran to their end.</param>
public sealed record ProofState(DateTimeOffset At, IReadOnlyList<ProvedChain> Chains);
