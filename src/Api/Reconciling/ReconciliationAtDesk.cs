using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>Reads a list of balances out of the seller's own books.</summary>
/// <param name="content">The file.</param>
/// <param name="company">The company of rows that name none.</param>
/// <exception cref="InvalidDataException">What is wrong, with line and column.</exception>
public delegate IReadOnlyList<ListedBalance> BalanceListReader(byte[] content, string company);

/// <summary>A reconciliation that was asked for: who asked, and what came of it.</summary>
/// <param name="Rows">Rows of the list.</param>
internal sealed record ReconciliationRun(Instant AskedAt, string By, string AsOf, int Rows)
{
    internal ReconciliationReport? Report { get; init; }

    /// <summary>Why there is no report, as a code with its words; <c>null</c> while it runs, and with a report.</summary>
    internal (string Code, string Detail)? Failed { get; init; }

    /// <summary>Why, in words. They may name a customer and what he owes: only those read them who see the whole book.</summary>
    internal string? WordsFor(Caller caller) => caller.Segments.Count > 0 ? null : Failed?.Detail;
}

/// <summary>
/// The last reconciliation at a running service. It is worked out beside the requests, one at a time, and stands in the memory of this process alone:
/// after a start somebody gives the list again.
/// </summary>
/// <param name="read">Reads the book as of a moment.</param>
internal sealed class ReconciliationAtDesk(Func<PastBound, CancellationToken, Task<ReceivablesByCompany>> read) : IAsyncDisposable
{
    /// <summary>Balances that a service holds in its memory for this; each is some hundred bytes.</summary>
    internal const int BalancesMost = 200_000;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ending = new();
    private ReconciliationRun? _last, _done;
    private Task _running = Task.CompletedTask;

    /// <summary>The newest that was asked for; <c>null</c> before the first.</summary>
    internal ReconciliationRun? Last
    {
        get
        {
            lock (_gate) return _last;
        }
    }

    /// <summary>The newest with a report; one that fails, or still runs, does not take its place.</summary>
    internal ReconciliationRun? Done
    {
        get
        {
            lock (_gate) return _done;
        }
    }

    /// <summary>Begins one; false while another runs.</summary>
    internal bool TryBegin(ReconciliationRun run, PastBound until, IReadOnlyList<ListedBalance> theirs, string company)
    {
        lock (_gate)
        {
            if (_last is { Report: null, Failed: null } || _ending.IsCancellationRequested) return false;
            _last = run;
            _running = Task.Run(() => RunAsync(run, until, theirs, company));
            return true;
        }
    }

    private async Task RunAsync(ReconciliationRun run, PastBound until, IReadOnlyList<ListedBalance> theirs, string company)
    {
        var ended = run with { Failed = ("FAILED", "The service could not work it out; its log and its health say why.") };
        try
        {
            ended = run with { Report = ReconciliationReport.Of(await read(until, _ending.Token), run.AsOf, theirs, company) };
        }
        catch (TooManyBalancesException large)
        {
            ended = run with { Failed = ("BOOK_TOO_LARGE", large.Message + " A service does not hold them in its memory; `exposure reconcile` does the same beside it.") };
        }
        catch (PrunedException pruned)
        {
            ended = run with { Failed = ("PRUNED", pruned.Message) };
        }
        catch (InvalidDataException unbalanced)
        {
            ended = run with { Failed = ("UNBALANCED", unbalanced.Message) };
        }
        catch (Exception outage) when (outage is JournalUnavailableException or EngineUnavailableException or OperationCanceledException)
        {
            ended = run with { Failed = ("UNAVAILABLE", "The journal could not be read; give the list again.") };
        }
        finally
        {
            lock (_gate)
            {
                _last = ended;
                if (ended.Report is not null) _done = ended;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAny(_running);
    }
}
