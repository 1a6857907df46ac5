using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.Completions;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Prompts;

/// <summary>
/// Several prompts of one text completion (I-44): each is a request of its own through the whole pipeline, with its limits, route, hold, charge and record, and the
/// answers are put together. What was charged is what is shown: the usage is the sum of theirs, and a prompt that failed cost nothing and says so.
/// </summary>
internal static class PromptBatch
{
    private const int AtOnce = 4;

    /// <summary>Answers, or where no prompt could be answered says the first's error.</summary>
    /// <param name="context">The request as it came.</param>
    /// <param name="received">It, read.</param>
    /// <param name="run">Runs one request through the pipeline.</param>
    public static async ValueTask<GatewayError?> AnswerAsync(InferenceContext context, CanonicalRequest received, Func<HttpContext, IClientDialect, Task> run)
    {
        var http = context.Http;
        var answers = new PromptAnswer[received.Prompts];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = http.RequestAborted };
        await Parallel.ForAsync(0, answers.Length, options, async (prompt, _) =>
        {
            var one = PromptAnswer.Begin(http, PromptRequests.Write(received.Original, prompt));
            await run(one.Http, context.Dialect);
            answers[prompt] = one;
        });

        var first = Array.Find(answers, static answer => answer.IsGood);
        if (first is null)
        {
            await answers[0].SendAsync(http);
            return null;
        }

        var response = http.Response;
        response.Headers["X-Generation-Id"] = first.GenerationId;
        response.Headers["X-Generation-Ids"] = string.Join(", ", answers.Select(static answer => answer.GenerationId));
        using var body = new Receive.PooledBody(4096);
        PromptAnswers.Write([.. answers.Select(static answer => (answer.IsGood, answer.Body))], received.N, received.Stream, body);
        response.ContentType = received.Stream ? "text/event-stream" : "application/json";
        if (!received.Stream)
            response.ContentLength = body.Length;
        await response.Body.WriteAsync(body.Memory, http.RequestAborted);
        return null;
    }
}
