using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>The scope of an idempotency key: caller, customer and key.</summary>
public static class IdempotencyKey
{
    /// <summary>64-bit hash under which a decision is found again.</summary>
    public static long Hash(string caller, string customer, string key) =>
        unchecked((long)Hashing.Text(key, Hashing.Text(customer, Hashing.Text(caller, 1))));
}
