using System.Text.Json;
using Fairlead.Catalog.Pricing;
using Fairlead.Inference.Route;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins;

/// <summary>
/// A plugin at work on one request. Made in Prepare; each later stage asks it for its step, and a step that is not overridden does nothing. What it remembers
/// between the steps lives here. Not thread-safe: the steps of a request come one after the other.
/// </summary>
internal abstract class PluginRun(string id)
{
    /// <summary>The plugin's id.</summary>
    public string Id { get; } = id;

    /// <summary>Admit: the most it will charge for this request; held with the rest.</summary>
    public virtual Credits WorstFee => Credits.Zero;

    /// <summary>Route: how the length of the prompt counts when endpoints are chosen.</summary>
    public virtual PromptFit Fit => PromptFit.Whole;

    /// <summary>It has a step before the first endpoint is asked.</summary>
    public virtual bool ActsBefore => false;

    /// <summary>It has a step for each endpoint that is asked.</summary>
    public virtual bool ActsPerEndpoint => false;

    /// <summary>It may change or annotate the answer, so the answer's text is kept.</summary>
    public virtual bool ActsOnAnswer => false;

    /// <summary>Route: it reads the files of the request for models that take none, so that these may answer too.</summary>
    public virtual bool TakesFiles => false;

    /// <summary>Attempt, once, under the hold, before any endpoint is asked: may do I/O. The request as it goes on, or why it ends here.</summary>
    public virtual ValueTask<Outcome<CanonicalRequest>> BeforeAsync(PluginCall call, CanonicalRequest request) => new(request);

    /// <summary>Attempt, for each endpoint asked: the request as this one is to have it, or why this one cannot.</summary>
    public virtual ValueTask<EndpointShape> ForEndpointAsync(PluginCall call, CanonicalRequest request, RouteCandidate candidate) => new(new EndpointShape(request, null));

    /// <summary>Relay, whole answers: the text of a choice as the caller shall have it; the same instance where it stays.</summary>
    public virtual string Rewrite(string text, FinishReason finish) => text;

    /// <summary>Relay, whole and streamed: what is noted about the text of a choice.</summary>
    public virtual IReadOnlyList<AnswerEvent> Annotate(string text) => [];

    /// <summary>Nobody answered: the error, with what the caller may keep of its work.</summary>
    public virtual GatewayError WhenUnanswered(GatewayError error) => error;

    /// <summary>Settle: what was done and is to be paid if the model answered; null where nothing is.</summary>
    public virtual PluginFee? Fee => null;

    /// <summary>Settle: how long judging the input took; null where it was not judged.</summary>
    public virtual TimeSpan? ModerationTook => null;

    /// <summary>
    /// What it changed, for <c>openrouter_metadata.pipeline</c> (routing §17): writes <c>type</c>, <c>name</c> and more into an open object. False, and nothing
    /// written, where it changed nothing.
    /// </summary>
    public virtual bool WriteStage(Utf8JsonWriter json) => false;
}

/// <summary>A request shaped for one endpoint, or why the endpoint is passed over.</summary>
internal readonly record struct EndpointShape(CanonicalRequest? Request, UpstreamFailure? Failure);
