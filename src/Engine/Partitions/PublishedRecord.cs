using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What every customer has of <see cref="AccountFigures"/>, in about 100 bytes.</summary>
internal struct PublishedRecord
{
    /// <summary>0 before the first row, odd while one is written.</summary>
    internal uint Version;

    /// <summary>Place of the customer's id, and of what few customers have; 0 without any.</summary>
    internal int Id, Extra;

    private Currency _currency;
    private short _segment, _country, _controller;
    private LimitKind _limitKind;
    private RiskState _riskState;
    private byte _flags, _grade;
    private int _utilisationBp, _openOrders, _openItems;
    private long _ordersInside, _receivables, _notDue, _gross, _grossStatic, _netRisk, _limit, _available, _asOf;

    internal void Take(in AccountFigures f)
    {
        (_currency, _limitKind, _riskState) = (f.Currency, f.LimitKind, f.RiskState);
        (_segment, _country, _controller, _grade) = (f.Segment, f.Country, f.Controller, f.Grade);
        _flags = (byte)((f.Provisional ? 1 : 0) | (f.Breached ? 2 : 0) | (f.LimitExpired ? 4 : 0) | (f.RateMissing ? 8 : 0));
        (_utilisationBp, _openOrders, _openItems) = (f.UtilisationBp, f.OpenOrders, f.OpenItems);
        (_ordersInside, _receivables, _notDue, _asOf) = (f.OrdersInside, f.Receivables, f.NotDue, f.AsOf);
        (_gross, _grossStatic, _netRisk, _limit, _available) = (f.Gross, f.GrossStatic, f.NetRisk, f.Limit, f.Available);
    }

    internal readonly void Show(ref PublishedGlance g)
    {
        (g.Segment, g.Country, g.Controller, g.Currency, g.LimitKind, g.RiskState) = (_segment, _country, _controller, _currency, _limitKind, _riskState);
        (g.Provisional, g.Breached, g.RateMissing, g.Grade) = ((_flags & 1) != 0, (_flags & 2) != 0, (_flags & 8) != 0, _grade);
        (g.UtilisationBp, g.OpenOrders, g.Gross, g.NetRisk) = (_utilisationBp, _openOrders, _gross, _netRisk);
        (g.Limit, g.Available, g.Receivables) = (_limit, _available, _receivables);
    }

    internal readonly void CopyTo(ref AccountFigures f)
    {
        (f.Currency, f.LimitKind, f.RiskState) = (_currency, _limitKind, _riskState);
        (f.Segment, f.Country, f.Controller, f.Grade) = (_segment, _country, _controller, _grade);
        (f.Provisional, f.Breached, f.LimitExpired, f.RateMissing) = ((_flags & 1) != 0, (_flags & 2) != 0, (_flags & 4) != 0, (_flags & 8) != 0);
        (f.UtilisationBp, f.NetUtilisationBp, f.OpenOrders, f.OpenItems) = (_utilisationBp, _utilisationBp, _openOrders, _openItems);
        (f.OrdersInside, f.Receivables, f.NotDue, f.AsOf) = (_ordersInside, _receivables, _notDue, _asOf);
        (f.Gross, f.GrossStatic, f.NetRisk, f.Limit, f.Available) = (_gross, _grossStatic, _netRisk, _limit, _available);
    }
}

/// <summary>What few customers have of <see cref="AccountFigures"/> at a time.</summary>
internal record struct PublishedExtra
{
    private long _ordersOutside, _held, _delivered, _billed, _acceptances, _paymentsAtRisk, _unapplied, _reserved, _external,
        _creditBalance, _late30, _late60, _late90, _late180, _lateMore;

    private int _heldOrders, _oldestDays, _daysLate, _daysLateClipped;

    /// <summary>By how much the net utilisation is less; 0 for whoever has no cover.</summary>
    private int _netLess;

    internal readonly bool IsEmpty => this == default;

    internal static PublishedExtra Of(in AccountFigures f) => new()
    {
        _ordersOutside = f.OrdersOutside, _held = f.Held, _delivered = f.Delivered, _billed = f.Billed, _acceptances = f.Acceptances,
        _paymentsAtRisk = f.PaymentsAtRisk, _unapplied = f.Unapplied, _reserved = f.Reserved, _external = f.External,
        _creditBalance = f.CreditBalance, _late30 = f.Late30, _late60 = f.Late60, _late90 = f.Late90, _late180 = f.Late180,
        _lateMore = f.LateMore, _heldOrders = f.HeldOrders, _oldestDays = f.OldestDays, _daysLate = f.DaysLate,
        _daysLateClipped = f.DaysLateClipped, _netLess = f.UtilisationBp - f.NetUtilisationBp,
    };

    internal readonly void Show(ref PublishedGlance g)
    {
        (g.HeldOrders, g.OldestDays, g.Held, g.Unapplied) = (_heldOrders, _oldestDays, _held, _unapplied);
        (g.Late30, g.Late60, g.Late90, g.LateMore) = (_late30, _late60, _late90, _late180 + _lateMore);
        g.Overdue = g.Late30 + g.Late60 + g.Late90 + g.LateMore;
    }

    internal static void CopyTo(in PublishedExtra e, ref AccountFigures f)
    {
        (f.OrdersOutside, f.Held, f.Delivered, f.Billed, f.Acceptances) = (e._ordersOutside, e._held, e._delivered, e._billed, e._acceptances);
        (f.PaymentsAtRisk, f.Unapplied, f.Reserved, f.External) = (e._paymentsAtRisk, e._unapplied, e._reserved, e._external);
        (f.CreditBalance, f.Late30, f.Late60, f.Late90) = (e._creditBalance, e._late30, e._late60, e._late90);
        (f.Late180, f.LateMore, f.HeldOrders, f.OldestDays) = (e._late180, e._lateMore, e._heldOrders, e._oldestDays);
        (f.DaysLate, f.DaysLateClipped) = (e._daysLate, e._daysLateClipped);
        f.NetUtilisationBp -= e._netLess;
    }
}
