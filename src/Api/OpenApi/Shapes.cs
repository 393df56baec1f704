namespace ExposureMonitor.Api;

internal static class Shapes
{
    internal static readonly Shape Keys = new("Keys");
    internal static readonly Shape KeyMade = new("KeyMade");
    internal static readonly Shape Proposals = new("Proposals");
    internal static readonly Shape Proposal = new("Proposal");
    internal static readonly Shape Commanded = new("Commanded");
}
