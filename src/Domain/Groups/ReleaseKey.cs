namespace ExposureMonitor.Domain;

/// <summary>
/// Whose turn it is over all members of a group: orders in release order, then checks that wait for their answer, in the
/// order in which they came (credit.md 9.2).
/// </summary>
/// <param name="IsCheck">A check that waits: it comes behind every order.</param>
/// <param name="First">Priority class, or what the policy orders by instead; lower is earlier.</param>
/// <param name="Second">Promised date; lower is earlier.</param>
/// <param name="At">When the order was taken.</param>
/// <param name="Id">The order, so that no two keys are equal within a customer.</param>
internal readonly record struct ReleaseKey(bool IsCheck, long First, long Second, Instant At, string Id) : IComparable<ReleaseKey>
{
    /// <summary>Earlier sorts first.</summary>
    public int CompareTo(ReleaseKey other)
    {
        if (IsCheck != other.IsCheck) return IsCheck ? 1 : -1;
        if (First != other.First) return First.CompareTo(other.First);
        if (Second != other.Second) return Second.CompareTo(other.Second);
        return At != other.At ? At.CompareTo(other.At) : string.CompareOrdinal(Id, other.Id);
    }

    internal static ReleaseKey Of(LeaseReport f) => new(f.IsCheck, f.KeyFirst, f.KeySecond, f.KeyAt, f.KeyId);
}
