namespace ExposureMonitor.Domain;

/// <summary>Cover: granted, changed, stopped for later deliveries, ended. Terms, stop and end have a version each.</summary>
internal sealed partial class AccountWork
{
    private Outcome GrantCover(CoverGranted f)
    {
        var rare = book.RareFor(Slot);
        var known = rare.Covers.Find(c => c.Id == f.CoverId);
        if (known is not null) return f.Version > known.Version ? Outcome.Conflict($"Cover '{f.CoverId}' was granted before.") : Graded(known.Content, f.CoverId);
        var cover = new CoverState { Id = f.CoverId, Content = Content };
        TakeCover(cover, f);
        Few.Add(ref rare.Covers, cover);
        return Outcome.Applied;
    }

    private Outcome ChangeCover(CoverChanged f)
    {
        var known = book.RareOf(Slot)?.Covers.Find(c => c.Id == f.CoverId);
        if (known is null) return Park(DocumentKind.Customer, f.CoverId);
        if (f.Version <= known.Version) return Outcome.Superseded;
        TakeCover(known, f);
        return Outcome.Applied;
    }

    private void TakeCover(CoverState cover, CoverTermsFact f)
    {
        NoteCut(cover, f);
        (cover.Version, cover.Kind, cover.Use, cover.Basis) = (f.Version, f.Kind, f.Use, f.Basis);
        (cover.Amount, cover.Currency, cover.Deductible, cover.InsuredBp) = (f.Amount, f.Currency, f.Deductible, f.InsuredBp);
        (cover.AddOnBp, cover.From, cover.To) = (f.AddOnBp, f.From, f.To);
        (cover.MepDays, cover.MaxTermsDays, cover.ClaimLagDays) = (f.MepDays, f.MaxTermsDays, f.ClaimLagDays);
        WakeForCover(cover, Context.Today);
    }

    /// <summary>A cover changes what it is worth on its first day, and behind its last.</summary>
    private void WakeForCover(CoverState cover, int today)
    {
        if (cover.From > today) book.Wake(Slot, cover.From);
        if (cover.To != 0 && Covers.LastDay(cover) + 1 > today) book.Wake(Slot, Covers.LastDay(cover) + 1);
        if (cover.StoppedOn > today) book.Wake(Slot, cover.StoppedOn);
        if (cover.EndedOn > today) book.Wake(Slot, cover.EndedOn);
    }

    private Outcome StopCover(CoverStopped f)
    {
        var known = book.RareOf(Slot)?.Covers.Find(c => c.Id == f.CoverId);
        if (known is null) return Park(DocumentKind.Customer, f.CoverId);
        if (f.Version <= known.StopVersion) return Outcome.Superseded;
        (known.StoppedOn, known.StopVersion) = (f.StoppedOn, f.Version);
        WakeForCover(known, Context.Today);
        return Outcome.Applied;
    }

    private Outcome EndCover(CoverEnded f)
    {
        var known = book.RareOf(Slot)?.Covers.Find(c => c.Id == f.CoverId);
        if (known is null) return Park(DocumentKind.Customer, f.CoverId);
        if (f.Version <= known.EndVersion) return Outcome.Superseded;
        (known.EndedOn, known.EndVersion) = (f.EndedOn, f.Version);
        WakeForCover(known, Context.Today);
        return Outcome.Applied;
    }
}
