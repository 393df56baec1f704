namespace ExposureMonitor.Domain;

/// <summary>What comes from outside or happens to few customers: ratings, statements, news, promises, returned payments.</summary>
internal sealed class OutsideHabit
{
    internal Few<RatingState> Ratings = Few<RatingState>.None;

    /// <summary>Filed statements by the end of their period, the newest last; at most four.</summary>
    internal Few<FiledState> Filed = Few<FiledState>.None;

    /// <summary>Statements of account by the day on which they went out, the newest last; at most four.</summary>
    internal Few<StatementState> Statements = Few<StatementState>.None;
    internal Few<NewsState> News = Few<NewsState>.None;
    internal Few<PromisedState> Promises = Few<PromisedState>.None;
    internal Few<WayState> Ways = Few<WayState>.None;
    internal Few<RoundState> Rounds = Few<RoundState>.None;

    /// <summary>Days of returned payments, of broken promises that are beyond doubt, of requests for longer terms, of round sums on account, of orders that hug the limit.</summary>
    internal readonly DaySeries Returned = new(), Broken = new(), Asked = new(), RoundSums = new(), Hugs = new();

    /// <summary>Ways of payment that were seen, a bit each; hashes of the last eight accounts that paid.</summary>
    internal int Methods;
    internal readonly List<ulong> Accounts = [];

    internal int Bytes => 200 + Returned.Bytes + Broken.Bytes + Asked.Bytes + RoundSums.Bytes + Hugs.Bytes
        + 64 * (Ratings.Count + Filed.Count + Statements.Count + News.Count + Promises.Count + Ways.Count + Rounds.Count);

    internal void State(StateStream s)
    {
        s.List(ref Ratings, s, static (n, s) =>
        {
            s.Do(ref n.Agency);
            s.Do(ref n.Rank);
            s.Do(ref n.RatedOn);
            s.Do(ref n.BeforeRank);
            s.Do(ref n.BeforeOn);
            s.Do(ref n.Value);
        });
        s.List(ref Filed, s, static (n, s) =>
        {
            s.Do(ref n.PeriodEnd);
            s.Do(ref n.FiledOn);
            s.Do(ref n.FiledAt);
            s.Do(ref n.Z);
            s.Choice(ref n.Model);
            s.Choice(ref n.Zone);
            s.Do(ref n.NetAssets);
            s.Do(ref n.Currency);
        });
        s.List(ref Statements, s, static (n, s) =>
        {
            s.Do(ref n.Id);
            s.Do(ref n.SentOn);
            s.Do(ref n.AnsweredOn);
            s.Do(ref n.Closing);
            s.Do(ref n.Differences);
            s.Do(ref n.Agreed);
        });
        s.List(ref News, s, static (n, s) =>
        {
            s.Do(ref n.Id);
            s.Choice(ref n.Kind);
            s.Choice(ref n.Severity);
            s.Do(ref n.HappenedOn);
            s.Do(ref n.Amount);
            s.Do(ref n.Currency);
            s.Do(ref n.Closed);
        });
        s.List(ref Promises, s, static (n, s) =>
        {
            s.Do(ref n.Id);
            s.Do(ref n.Amount);
            s.Do(ref n.Currency);
            s.Do(ref n.MadeOn);
            s.Do(ref n.PromisedOn);
            s.Do(ref n.WithdrawnOn);
            s.Texts(n.Items);
        });
        s.List(ref Ways, s, static (n, s) =>
        {
            s.Do(ref n.Way);
            s.Do(ref n.On);
            s.Do(ref n.Closed);
        });
        s.List(ref Rounds, s, static (n, s) =>
        {
            s.Do(ref n.Payment);
            s.Do(ref n.On);
        });
        Returned.State(s);
        Broken.State(s);
        Asked.State(s);
        RoundSums.State(s);
        Hugs.State(s);
        s.Do(ref Methods);
        var accounts = s.Count(Accounts.Count);
        for (var i = 0; i < accounts; i++)
        {
            var account = s.Reading ? 0 : Accounts[i];
            s.Do(ref account);
            if (s.Reading) Accounts.Add(account);
        }
    }
}

/// <summary>The last two ratings of an agency, by their own dates; a higher rank is a better rating.</summary>
internal sealed class RatingState
{
    internal string Agency = "", Value = "";
    internal int Rank, RatedOn, BeforeRank, BeforeOn;
}

/// <summary>A filed financial statement with Altman's Z in thousandths.</summary>
internal sealed class FiledState
{
    internal int PeriodEnd, FiledOn;
    internal Instant FiledAt;
    internal long Z, NetAssets;
    internal AltmanModel Model;
    internal AltmanZone Zone;
    internal Currency Currency;
}

/// <summary>A statement of account; a day of sending of 0 means that only its answer came.</summary>
internal sealed class StatementState
{
    internal string Id = "";
    internal int SentOn, AnsweredOn;
    internal long Closing, Differences;
    internal bool Agreed;
}

internal sealed class NewsState
{
    internal string Id = "";
    internal ExternalSignalKind Kind;
    internal Severity Severity;
    internal int HappenedOn;
    internal long Amount;
    internal Currency Currency;
    internal bool Closed;
}

internal sealed class PromisedState
{
    internal string Id = "";
    internal long Amount;
    internal Currency Currency;
    internal int MadeOn, PromisedOn, WithdrawnOn;
    internal List<string> Items = [];
}

/// <summary>A way to pay that is new for the customer, until somebody acknowledges it.</summary>
internal sealed class WayState
{
    internal string Way = "";
    internal int On;
    internal bool Closed;
}

/// <summary>A payment of a round sum whose days on account are not over.</summary>
internal sealed class RoundState
{
    internal string Payment = "";
    internal int On;
}
