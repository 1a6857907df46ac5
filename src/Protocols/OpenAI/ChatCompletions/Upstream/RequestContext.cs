using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>How marks of prompt caching are said on parts.</summary>
internal enum CacheMarks
{
    /// <summary>Not at all: the host refuses or ignores them.</summary>
    None,
    /// <summary>As <c>cache_control</c>.</summary>
    Control,
    /// <summary>As <c>prompt_cache_breakpoint</c>, which has no lifetime.</summary>
    Breakpoint,
}

/// <summary>What the editors of one request share: the request, where it goes, and what that place is like.</summary>
internal sealed class RequestContext(CanonicalRequest request, UpstreamTarget target, UpstreamCall call)
{
    public CanonicalRequest Request { get; } = request;

    public UpstreamTarget Target { get; } = target;

    public UpstreamCall Call { get; } = call;

    public HostQuirks Quirks { get; } = HostTable.Of(target);

    public OpenAIModelFamily Family { get; } = OpenAIModelFamily.Of(target);

    /// <summary>The output cap sent, or null.</summary>
    public int? MaxTokens { get; } = call.Cap(request);

    /// <summary>OpenAI's reasoning models refuse temperature and top_p, but where reasoning can be and is switched off (§3.1).</summary>
    public bool RefusesSampling => Family.IsReasoning && !(Family.ThinksOptionally && ReasoningEffort.IsOff(Request.Reasoning));

    /// <summary>
    /// Images of earlier answers go back as <c>images</c>, to hosts whose answers have that member. To others they are shown as the user's, since OpenAI's format
    /// has no place for them on an assistant's message.
    /// </summary>
    public bool KeepsImages => Target.WritesImages && !Quirks.RefusesUnknown;

    /// <summary>The form of marks of prompt caching there (inference §9).</summary>
    public CacheMarks CacheMarks => MarksOf(Quirks, Family);

    /// <summary>The form of marks of prompt caching at an endpoint.</summary>
    public static CacheMarks MarksOf(HostQuirks quirks, OpenAIModelFamily family) =>
        quirks.CacheControl ? CacheMarks.Control : quirks.CacheBreakpoints && family.CacheBreakpoints ? CacheMarks.Breakpoint : CacheMarks.None;

    /// <summary>The endpoint takes tools and the choice leaves any to call.</summary>
    public bool SendsTools =>
        Supports(ParameterSet.Tools) && !(Request.ToolChoice?.Kind == ToolChoiceKind.None && !Target.ToolChoiceNone);

    public bool Supports(ParameterSet parameter) => (Target.Supported & parameter) == parameter;
}
