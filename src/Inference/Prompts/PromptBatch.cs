using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.Completions;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Prompts;

/// <summary>
/// Several prompts of one text completion (I-44): each is a request of its own through the whole pipeline, with its limits, route, hold, charge and record, and the
/// answers are put together. What was charged is what is shown: the usage is the sum of theirs, and a prompt that failed cost nothing and says so.
/// </summary>
internal sealed class PromptBatch(GenerationIds ids)
{
    private const int AtOnce = 4;

    /// <summary>Answers, or where no prompt could be answered says the first's error.</summary>
    /// <param name="context">The request as it came.</param>
    /// <param name="received">It, read.</param>
    /// <param name="run">Runs one request through the pipeline, under a generation id.</param>
    public async ValueTask<GatewayError?> AnswerAsync(InferenceContext context, CanonicalRequest received, Func<HttpContext, IClientDialect, string, Task> run)
    {
        string[] own = [.. Enumerable.Range(0, received.Prompts).Select(_ => ids.New(context.ArrivedAt))];
        await (received.Stream ? StreamAsync(context, received, run, own) : AnswerWholeAsync(context, received, run, own));
        return null;
    }

    private static async Task AnswerWholeAsync(InferenceContext context, CanonicalRequest received, Func<HttpContext, IClientDialect, string, Task> run, string[] own)
    {
        var http = context.Http;
        var answers = new PromptAnswer[own.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = http.RequestAborted };
        await Parallel.ForAsync(0, answers.Length, options, async (prompt, _) =>
        {
            var one = PromptAnswer.Begin(http, PromptRequests.Write(received.Original, prompt));
            await run(one.Http, context.Dialect, own[prompt]);
            answers[prompt] = one;
        });

        var first = Array.FindIndex(answers, static answer => answer.IsGood);
        if (first < 0)
        {
            await answers[0].SendAsync(http);
            return;
        }

        var response = http.Response;
        response.Headers["X-Generation-Id"] = own[first];
        response.Headers["X-Generation-Ids"] = string.Join(", ", own);
        using var body = new Receive.PooledBody(4096);
        PromptAnswers.Write([.. answers.Select(static answer => (answer.IsGood, answer.Body))], received.N, body);
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body.Memory, http.RequestAborted);
    }

    private static async Task StreamAsync(InferenceContext context, CanonicalRequest received, Func<HttpContext, IClientDialect, string, Task> run, string[] own)
    {
        var http = context.Http;
        PromptAnswer? first = null;
        await using var stream = new PromptStream(context, own, received.N);
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stream.Ended };
        try
        {
            await Parallel.ForAsync(0, own.Length, options, async (prompt, _) =>
            {
                using var sink = new PromptSink(stream, prompt);
                var one = PromptContext.Of(http, PromptRequests.Write(received.Original, prompt), sink, () => sink.HasStarted, stream.Ended);
                await run(one, context.Dialect, own[prompt]);
                if (one.Response.StatusCode == StatusCodes.Status200OK)
                    await sink.FlushAsync(stream.Ended); // an answer given again is written without
                else
                    await FailAsync(prompt, one, sink);
            });
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            // An error ended the stream; those that were running have settled.
        }

        if (!await stream.TryEndAsync())
            await first!.SendAsync(http);

        ValueTask FailAsync(int prompt, HttpContext one, PromptSink sink)
        {
            if (prompt == 0)
                first = PromptAnswer.Of(one, sink.Kept);
            return stream.FailAsync(prompt, sink.Kept.ToArray());
        }
    }
}
