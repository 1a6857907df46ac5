using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Admit;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Route;
using Fairlead.Inference.Telemetry;
using Fairlead.Protocols.Errors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fairlead.Inference.Attempt;

/// <summary>What the attempts came to: an answer at its first token, or the error to show.</summary>
internal readonly record struct AttemptResult(UpstreamAnswer? Answer, GatewayError? Error, bool ClientGone);

/// <summary>
/// Attempt: tries the endpoints of a plan one after the other, as <see cref="FallbackPolicy"/> says, until one answers. Nothing is sent to the
/// caller here except keep-alive comments, which do not commit.
/// </summary>
internal sealed partial class FallbackLoop(IAttempt single, HealthBook health, InferenceMetrics metrics, IOptions<InferenceOptions> options, ILogger<FallbackLoop> logger)
{
    public async ValueTask<AttemptResult> FirstGoodAsync(InferenceContext context, PreparedRequest request, RoutePlan plan, Admission admission, AttemptLog log)
    {
        var policy = new FallbackPolicy(plan);
        var next = policy.First();
        var limits = context.Catalog.Options;
        var budget = limits.AttemptsDeadline + log.Since;
        while (next is { } attempt)
        {
            var candidate = plan.Candidates[attempt.Index];
            var monitor = health.For(candidate.Endpoint);
            var pass = monitor.Ask(candidate.Endpoint, candidate.PromptTokens);
            if (pass.Circuit == CircuitPass.Open)
            {
                if (!attempt.Regardless)
                {
                    next = policy.Postpone(attempt.Index);
                    continue;
                }

                monitor.Sends(candidate.Endpoint, candidate.PromptTokens);
            }

            SingleOutcome outcome;
            try
            {
                if (attempt.Pause > TimeSpan.Zero)
                    await PauseAsync(attempt.Pause, context);
                var withoutSignatures = false;
                while (true)
                {
                    var startedAt = context.Time.GetTimestamp();
                    var left = request.Request.Stream ? budget - context.Elapsed : TimeSpan.MaxValue;
                    outcome = await single.TryAsync(context, request, candidate, admission, left, withoutSignatures);
                    Note(in outcome, context.Time.GetElapsedTime(startedAt), startedAt, left, in candidate, monitor, log);
                    if (withoutSignatures || outcome.Failure is not { BadSignatures: true } || log.Entries.Count >= limits.MaxAttempts || !policy.Again(attempt.Index))
                        break;
                    // Signatures of another key or route are refused: the same endpoint answers once they are left out (providers §6.6).
                    withoutSignatures = true;
                }
            }
            finally
            {
                monitor.ProbeOver(pass);
            }

            if (outcome.Answer is not null)
                return new AttemptResult(outcome.Answer, null, false);
            if (outcome.Failure is not { } failure)
                return new AttemptResult(null, null, ClientGone: true);

            next = policy.After(attempt.Index, failure);
            var exhausted = log.Entries.Count >= limits.MaxAttempts || context.Elapsed >= budget;
            if (context.Http.RequestAborted.IsCancellationRequested)
                return new AttemptResult(null, null, ClientGone: true);
            if (exhausted)
                next = null;
        }

        return new AttemptResult(null, AttemptErrors.From(policy, plan, options.Value.ShowRawProviderErrors), false);
    }

    /// <summary>Takes note of an attempt that is over: in the log, the metrics, and with the endpoint's monitor. <paramref name="left"/> is the time it had.</summary>
    private void Note(in SingleOutcome outcome, TimeSpan took, long startedAt, TimeSpan left, in RouteCandidate candidate, EndpointMonitor monitor, AttemptLog log)
    {
        log.Add(new AttemptEntry(candidate.Endpoint, outcome.Failure?.Status ?? 200, took, outcome.Failure, outcome.WhileHeld));
        metrics.Attempted(candidate.Endpoint, outcome.Failure);
        var record = new AttemptRecord(monitor, startedAt);
        if (outcome.Answer is { } answer)
        {
            answer.Record = record;
            monitor.FirstToken(answer is StreamedAnswer streamed ? took - streamed.HeldFor : null);
        }
        else if (outcome.Failure is { } failure && !IsOfTheBudget(failure, candidate, left))
        {
            if (record.Failed(failure))
                LogBroken(candidate.Endpoint, failure);
        }
    }

    private static async ValueTask PauseAsync(TimeSpan pause, InferenceContext context)
    {
        try
        {
            await Task.Delay(pause, context.Time, context.Http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The caller left during the pause: the attempt that follows sees it at once.
        }
    }

    /// <summary>Less time was left than the endpoint may take: its silence says nothing about it.</summary>
    private static bool IsOfTheBudget(UpstreamFailure failure, in RouteCandidate candidate, TimeSpan left) =>
        failure is { Kind: ErrorKind.Timeout, Status: 0 } && left < TimeSpan.FromSeconds(candidate.Endpoint.Provider.Timeouts.FirstTokenSeconds);

    private void LogBroken(ModelEndpoint endpoint, UpstreamFailure failure)
    {
        if (failure.Retry == RetryClass.UnknownModel)
            LogUnknownModel(endpoint.Provider.Slug, endpoint.Target?.Model ?? endpoint.ModelId, failure.Status);
        else
            LogBrokenCredentials(endpoint.Provider.Slug, endpoint.ModelId, failure.Status, failure.ProviderCode ?? "no code");
    }

    [LoggerMessage(EventId = 101, Level = LogLevel.Error, Message = "Provider {Provider} refused our credentials or account for {Model} (status {Status}, {Code}). Check its key and its balance; until one of its answers is good again, only a probe now and then is sent there.")]
    private partial void LogBrokenCredentials(string provider, string model, int status, string code);

    [LoggerMessage(EventId = 102, Level = LogLevel.Error, Message = "Provider {Provider} does not know the model {Model} (status {Status}). Check the endpoint's model name; until one of its answers is good again, only a probe now and then is sent there.")]
    private partial void LogUnknownModel(string provider, string model, int status);
}
