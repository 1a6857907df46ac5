using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Relay;

/// <summary>How a streamed answer came to its end.</summary>
/// <param name="Failure">The upstream's failure after the commit point; null when the answer is whole.</param>
/// <param name="CutShort">Credits ran out: the answer was ended with <c>length</c> by us.</param>
/// <param name="Aborted">The caller left and the upstream was told to stop.</param>
/// <param name="ClientGone">The caller left, whether or not the upstream was read to its end.</param>
internal readonly record struct StreamEnd(UpstreamFailure? Failure, bool CutShort, bool Aborted, bool ClientGone);
