using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Keys of checks that waited for their group and were decided by another entry than the one that asked, for a while. Whoever looked such a key up before
/// its decision was committed found nothing, and must not have it decided again: his look-up no longer holds.
/// </summary>
internal sealed class LateKeys
{
    /// <summary>Longer than any look-up is on its way to the machine.</summary>
    private const long KeptMicros = 60 * Instant.Second;

    private readonly Dictionary<long, Instant> _keys = [];
    private readonly Queue<(long Key, Instant At)> _order = [];

    internal void Note(CheckDecided late, Instant now)
    {
        if (late.Key.Length == 0) return;
        while (_order.TryPeek(out var oldest) && oldest.At.Plus(KeptMicros) < now)
        {
            _order.Dequeue();
            if (_keys.GetValueOrDefault(oldest.Key) == oldest.At) _keys.Remove(oldest.Key);
        }

        var key = IdempotencyKey.Hash(late.Actor, late.Customer, late.Key);
        _keys[key] = now;
        _order.Enqueue((key, now));
    }

    /// <summary>The check had waited under this key, and was decided just now.</summary>
    internal bool Has(CheckCredit check) => _keys.Count > 0 && check.Key.Length > 0 && _keys.ContainsKey(IdempotencyKey.Hash(check.Actor, check.Customer, check.Key));
}
