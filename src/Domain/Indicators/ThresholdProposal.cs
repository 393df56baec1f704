namespace ExposureMonitor.Domain;

/// <summary>Another threshold that would have spared noise. It changes nothing: a person takes it into a draft of the policy, or leaves it.</summary>
/// <param name="Indicator">Number of the indicator.</param>
/// <param name="Parameter">Name of the parameter as a policy writes it, such as <c>signal.01.step1</c>.</param>
/// <param name="Stands">Its value now, in its own unit.</param>
/// <param name="Proposed">The value that is proposed, above it.</param>
/// <param name="Noise">Signals of this threshold that were tagged as noise.</param>
/// <param name="NoiseSpared">Those of them that would not have been raised.</param>
/// <param name="Useful">Signals of this threshold that were tagged as useful.</param>
/// <param name="UsefulLost">Those of them that would not have been raised; at most one in twenty.</param>
public sealed record ThresholdProposal(string Indicator, string Parameter, long Stands, long Proposed, int Noise, int NoiseSpared, int Useful, int UsefulLost);
