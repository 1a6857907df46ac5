using Fairlead.Inference.Admit;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Route;

namespace Fairlead.Inference.Attempt;

/// <summary>One attempt at one endpoint, as the fallback loop makes it.</summary>
internal interface IAttempt
{
    ValueTask<SingleOutcome> TryAsync(InferenceContext context, PreparedRequest prepared, RouteCandidate candidate, Admission admission, TimeSpan budgetLeft, bool withoutSignatures);
}
