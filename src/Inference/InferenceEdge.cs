using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Relay;
using Fairlead.Inference.Settle;
using Fairlead.Inference.Telemetry;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fairlead.Inference;

/// <summary>The edge of every pipeline: what is written when it ends in an error, and what is caught, once.</summary>
internal sealed partial class InferenceEdge(CatalogSource catalog, InferenceMetrics metrics, GenerationIds ids, TimeProvider time, ILogger<InferenceEdge> logger)
{
    /// <summary>Runs a request. <paramref name="serve"/> answers it, or returns the error to write in the shape of <paramref name="dialect"/>. It has a new generation id where none is given.</summary>
    public async Task RunAsync(HttpContext http, IClientDialect dialect, Func<InferenceContext, ValueTask<GatewayError?>> serve, string? generationId = null)
    {
        var context = new InferenceContext(http, dialect, catalog.Current, time, ids, generationId);
        http.Response.Headers["X-Generation-Id"] = context.GenerationId;
        metrics.Opened();
        try
        {
            if (await serve(context) is { } error)
                await ErrorWriter.WriteAsync(context, error);
        }
        catch (Exception gone) when (http.RequestAborted.IsCancellationRequested && gone is OperationCanceledException or IOException)
        {
            LogCallerLeft(context.GenerationId);
        }
        catch (StorageException unrecorded)
        {
            // The ledger has logged why, for the operator; what failed for the caller is that the charge could not be made durable.
            LogUnrecorded(unrecorded, context.GenerationId);
            await ErrorWriter.WriteAsync(context, Settler.Unrecorded);
        }
        catch (Exception bug)
        {
            LogFault(bug, context.GenerationId);
            await ErrorWriter.WriteAsync(context, new GatewayError { Kind = ErrorKind.Server, Message = "Internal Server Error" });
        }
        finally
        {
            context.Recording?.Dispose();
            metrics.Closed(context.Model ?? "", http.Response.StatusCode, context.Elapsed);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "The caller of {Generation} left.")]
    private partial void LogCallerLeft(string generation);

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message = "Request {Generation} was answered with 503: the database could not record it.")]
    private partial void LogUnrecorded(Exception failure, string generation);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "Request {Generation} failed by a fault of the gateway.")]
    private partial void LogFault(Exception bug, string generation);
}
