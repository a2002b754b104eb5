BEGIN TRANSACTION;
CREATE TABLE attempts (
	id VARCHAR NOT NULL, 
	step_run_id VARCHAR NOT NULL, 
	run_id VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	exit JSON, 
	ended_at VARCHAR NOT NULL, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
INSERT INTO "attempts" VALUES('run-1-a-1','run-1-a','run-1','completed','{"exit_code":0,"signal":null,"reason":"exited","started_at":"2026-01-01T00:00:00.000000Z","ended_at":"2026-01-01T00:00:00.000000Z","max_rss_bytes":77,"user_s":0.0,"system_s":0.0,"left_behind":0,"unkillable":[]}','2026-11-21T16:35:33.951880Z');
CREATE TABLE compute_targets (
	name VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "compute_targets" VALUES('local','{"name":"local","type":"local","driver":"local","properties":{},"tags":{},"description":"","provisioning_state":"Succeeded","created_at":"2026-01-01T00:00:00.000000Z","modified_at":"2026-01-01T00:00:00.000000Z"}');
CREATE TABLE data_contents (
	digest VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "data_contents" VALUES('eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','[["a.csv","ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",3]]');
CREATE TABLE dataset_versions (
	name VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	dataset_id VARCHAR NOT NULL, 
	description TEXT NOT NULL, 
	tags JSON NOT NULL, 
	created_at VARCHAR NOT NULL, 
	PRIMARY KEY (name, version)
);
INSERT INTO "dataset_versions" VALUES('iris',1,'ds-1','d','{}','2026-11-21T16:35:33.952856Z');
CREATE TABLE datasets (
	id VARCHAR NOT NULL, 
	definition JSON NOT NULL, 
	created_at VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "datasets" VALUES('ds-1','{"type":"file","locations":[{"datastore":"workspaceblobstore","path":"iris"}],"reader":{},"operations":[]}','2026-11-21T16:35:33.952856Z');
CREATE TABLE datastores (
	name VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	is_default INTEGER NOT NULL, credential TEXT, 
	PRIMARY KEY (name)
);
INSERT INTO "datastores" VALUES('workspaceblobstore','{"name":"workspaceblobstore","type":"AzureBlob","driver":"local","options":{"root":"/srv/ws/.azud/datastores/workspaceblobstore"},"is_default":true,"created_at":"2026-01-01T00:00:00.000000Z"}',1,'v1:c2VhbGVk');
CREATE TABLE definitions (
	digest VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "definitions" VALUES('42f21c22e87d5dd7e15827c5c7dcf4b6f5bbd6ad550f1431880a24b7826d92e2','{"default_datastore":null,"format":1,"name":"","parameters":[],"steps":[{"allow_reuse":true,"arguments":[],"compute":null,"id":"n1","inputs":[],"name":"first","outputs":[{"data_type":null,"datastore":null,"destination":null,"kind":"reference","mode":"mount","name":"out","overwrite":false,"path_on_compute":null,"pipeline_output_name":null,"reader":{},"register_as":null}],"parameters":{},"properties":{},"run_after":[],"script":"a.py","settings":{"communicator":"None","environment":{"definition":null,"name":"","version":null},"environment_variables":{},"framework":"Python","node_count":1,"pass_env":[],"process_count_per_node":1},"snapshot":"","source_directory":"","timeout_s":null,"type":"PythonScriptStep","version":null,"warnings":[]},{"allow_reuse":true,"arguments":[],"compute":null,"id":"n2","inputs":[],"name":"second","outputs":[],"parameters":{},"properties":{},"run_after":["n1"],"script":"b.py","settings":{"communicator":"None","environment":{"definition":null,"name":"","version":null},"environment_variables":{},"framework":"Python","node_count":1,"pass_env":[],"process_count_per_node":1},"snapshot":"","source_directory":"","timeout_s":null,"type":"PythonScriptStep","version":null,"warnings":[]}]}');
CREATE TABLE environment_contents (
	digest VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "environment_contents" VALUES('eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','{"python":"3.11"}');
CREATE TABLE environments (
	name VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	definition JSON NOT NULL, 
	created_at VARCHAR NOT NULL, 
	PRIMARY KEY (name, version)
);
INSERT INTO "environments" VALUES('env','1',1,'{"python":{}}','2026-11-21T16:35:33.957617Z');
CREATE TABLE experiments (
	name VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	created_at VARCHAR NOT NULL, 
	last_number INTEGER NOT NULL, 
	tags JSON NOT NULL, archived_at VARCHAR, 
	PRIMARY KEY (name), 
	UNIQUE (id)
);
INSERT INTO "experiments" VALUES('e','ddd5660c-e399-4197-91b5-683b5fca7165','2026-11-21T16:35:33.940617Z',2,'{}',NULL);
INSERT INTO "experiments" VALUES('e1','4258669f-bc5c-4f79-8c53-356a7fa4d775','2026-11-22T01:05:29.241254Z',1,'{}',NULL);
CREATE TABLE idempotency (
	"key" VARCHAR NOT NULL, 
	run_id VARCHAR NOT NULL, 
	created_at VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "idempotency" VALUES('key-1','run-1','2026-11-21T16:35:33.940617Z');
INSERT INTO "idempotency" VALUES('model-key','iris:1','2026-11-22T01:05:29.235932Z');
INSERT INTO "idempotency" VALUES('int-key','int-1','2026-11-22T01:05:29.241254Z');
CREATE TABLE interactive_runs (
	id VARCHAR NOT NULL, 
	experiment VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	parent_id VARCHAR, 
	position INTEGER NOT NULL, 
	created_at VARCHAR NOT NULL, 
	started_at VARCHAR, 
	ended_at VARCHAR, 
	error JSON, 
	tags JSON NOT NULL, 
	properties JSON NOT NULL, 
	submitted_by VARCHAR NOT NULL, 
	snapshot VARCHAR, 
	owner JSON, 
	PRIMARY KEY (id)
);
INSERT INTO "interactive_runs" VALUES('int-1','e1',1,'by hand','Running',NULL,0,'2026-11-22T01:05:29.241254Z','2026-11-22T01:05:29.241254Z',NULL,'null','{"k":"v"}','{}','',NULL,'{"pid":23038,"started":"5593005","boot":"00000000-0000-0000-0000-000000000000"}');
INSERT INTO "interactive_runs" VALUES('int-2','e1',0,'child','NotStarted','int-1',1,'2026-11-22T01:05:29.241254Z',NULL,NULL,'null','{}','{}','',NULL,'null');
CREATE TABLE leases (
	name VARCHAR NOT NULL, 
	holder VARCHAR NOT NULL, 
	token INTEGER NOT NULL, 
	acquired_at VARCHAR NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "leases" VALUES('engine','me',1,'2026-11-21T16:35:33.946953Z');
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('schema_revision','0005');
CREATE TABLE metrics (
	run_id VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	value JSON, 
	step INTEGER, 
	at VARCHAR NOT NULL, 
	PRIMARY KEY (run_id, seq)
)
 WITHOUT ROWID

;
INSERT INTO "metrics" VALUES('run-1-a',0,'m','scalar',1.5,NULL,'2026-01-01T00:00:00.000000Z');
INSERT INTO "metrics" VALUES('run-1-a',1,'t','table','{"c":[1,null,"x"]}',3,'2026-01-01T00:00:00.000000Z');
CREATE TABLE model_names (
	name VARCHAR NOT NULL, 
	last_version INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "model_names" VALUES('iris',1);
CREATE TABLE models (
	name VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	snapshot VARCHAR NOT NULL, 
	run_id VARCHAR, 
	created_at VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (name, version)
);
INSERT INTO "models" VALUES('iris',1,'68d555cf91c8f4136bec53564f275ea09586c645c5bdcf8c168f6b1d7237ab15','run-1-a','2026-11-22T01:05:29.235932Z','{"name":"iris","version":1,"snapshot":"68d555cf91c8f4136bec53564f275ea09586c645c5bdcf8c168f6b1d7237ab15","size_bytes":10,"description":"","tags":{"a":"b"},"properties":{},"framework":"","framework_version":"","run_id":"run-1-a","experiment":null,"datasets":[],"created_by":"","created_at":"2026-11-22T01:05:29.235932Z","modified_at":"2026-11-22T01:05:29.235932Z","details":{}}');
CREATE TABLE observations (
	step_run_id VARCHAR NOT NULL, 
	reads JSON NOT NULL, 
	writes JSON NOT NULL, 
	PRIMARY KEY (step_run_id)
);
INSERT INTO "observations" VALUES('run-1-a','[{"source":{"kind":"registered","name":"iris","version":null},"seen":"x"}]','[{"kind":"registered","name":"iris"}]');
CREATE TABLE outputs (
	step_run_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	run_id VARCHAR NOT NULL, 
	datastore VARCHAR NOT NULL, 
	path VARCHAR NOT NULL, 
	data_type VARCHAR, 
	pipeline_output_name VARCHAR, 
	sealed JSON NOT NULL, 
	PRIMARY KEY (step_run_id, name)
)
 WITHOUT ROWID

;
INSERT INTO "outputs" VALUES('run-1-a','out','run-1','workspaceblobstore','azureml/run-1-a/out',NULL,'final','{"name":"out","path":"/srv/ws/.azud/datastores/workspaceblobstore/azureml/run-1-a/out","kind":"file","digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","size_bytes":3,"files":[{"path":"","digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","size_bytes":3,"inode":1,"mtime_ns":2,"ctime_ns":3}],"published_to":null}');
CREATE TABLE preimages (
	action_key VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (action_key)
);
INSERT INTO "preimages" VALUES('k1','{"version":1}');
CREATE TABLE reuse_decisions (
	step_run_id VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	reason TEXT NOT NULL, 
	action_key VARCHAR, 
	reused_from VARCHAR, 
	PRIMARY KEY (step_run_id)
)
 WITHOUT ROWID

;
INSERT INTO "reuse_decisions" VALUES('run-1-a','miss','nothing stored','k1',NULL);
CREATE TABLE reuse_entries (
	action_key VARCHAR NOT NULL, 
	run_id VARCHAR NOT NULL, 
	step_run_id VARCHAR NOT NULL, 
	created_at VARCHAR NOT NULL, 
	last_used_at VARCHAR NOT NULL, 
	PRIMARY KEY (action_key)
)
 WITHOUT ROWID

;
INSERT INTO "reuse_entries" VALUES('k1','run-1','run-1-a','2026-11-21T16:35:33.954563Z','2026-11-21T16:35:33.954563Z');
CREATE TABLE run_events (
	run_id VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	type VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (run_id, seq)
)
 WITHOUT ROWID

;
INSERT INTO "run_events" VALUES('run-1',0,'RunSubmitted','{"at":"2026-11-21T16:35:33.940617Z","steps":[{"step":"n1","predecessors":[]},{"step":"n2","predecessors":["n1"]}],"continue_on_step_failure":false}');
INSERT INTO "run_events" VALUES('run-1',1,'AttemptIntended','{"at":"2026-01-01T00:00:00.000000Z","step":"n1","attempt":"run-1-a-1","number":1}');
INSERT INTO "run_events" VALUES('run-1',2,'AttemptEnded','{"at":"2026-01-01T00:00:00.000000Z","step":"n1","attempt":"run-1-a-1","outcome":"completed"}');
INSERT INTO "run_events" VALUES('run-2',0,'RunSubmitted','{"at":"2026-11-21T16:35:33.945376Z","steps":[{"step":"n1","predecessors":[]},{"step":"n2","predecessors":["n1"]}],"continue_on_step_failure":false}');
CREATE TABLE runs (
	id VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	experiment VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	parent_id VARCHAR, 
	node_id VARCHAR, 
	step_type VARCHAR, 
	compute VARCHAR, 
	attempt VARCHAR, 
	reused_from VARCHAR, 
	action_key VARCHAR, 
	created_at VARCHAR NOT NULL, 
	started_at VARCHAR, 
	ended_at VARCHAR, 
	error JSON, 
	tags JSON NOT NULL, 
	properties JSON NOT NULL, 
	warnings JSON NOT NULL, 
	submitted_by VARCHAR NOT NULL, 
	snapshot VARCHAR, 
	definition VARCHAR, 
	options JSON, submitted_under VARCHAR, 
	PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES('run-1','azureml.PipelineRun','e',1,0,'e','Running',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-21T16:35:33.940617Z','2026-01-01T00:00:00.000000Z',NULL,'null','{"t":"ä ''quoted''"}','{}','[]','',NULL,'42f21c22e87d5dd7e15827c5c7dcf4b6f5bbd6ad550f1431880a24b7826d92e2','{"interpreter":"/usr/bin/python3","parameters":{},"continue_on_step_failure":false,"regenerate_outputs":false,"timeout_s":null,"launch":"fork"}',NULL);
INSERT INTO "runs" VALUES('run-1-a','azureml.StepRun','e',0,0,'first','Completed','run-1','n1','PythonScriptStep','local','run-1-a-1',NULL,'k1','2026-11-21T16:35:33.940617Z',NULL,NULL,NULL,'{"azureml.nodeid":"n1","azureml.pipeline":"run-1","seen":"yes"}','{"new":"1","k":"v"}','[]','','',NULL,'null',NULL);
INSERT INTO "runs" VALUES('run-1-b','azureml.StepRun','e',0,1,'second','NotStarted','run-1','n2','PythonScriptStep','local',NULL,NULL,NULL,'2026-11-21T16:35:33.940617Z',NULL,NULL,'null','{"azureml.nodeid":"n2","azureml.pipeline":"run-1"}','{}','[]','','',NULL,'null',NULL);
INSERT INTO "runs" VALUES('run-2','azureml.PipelineRun','e',2,0,'e','NotStarted',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-21T16:35:33.945376Z',NULL,NULL,'null','{"t":"ä ''quoted''"}','{}','[]','',NULL,'42f21c22e87d5dd7e15827c5c7dcf4b6f5bbd6ad550f1431880a24b7826d92e2','{"interpreter":"/usr/bin/python3","parameters":{},"continue_on_step_failure":false,"regenerate_outputs":false,"timeout_s":null,"launch":"fork"}',NULL);
INSERT INTO "runs" VALUES('run-2-a','azureml.StepRun','e',0,0,'first','NotStarted','run-2','n1','PythonScriptStep','local',NULL,NULL,NULL,'2026-11-21T16:35:33.945376Z',NULL,NULL,'null','{"azureml.nodeid":"n1","azureml.pipeline":"run-2"}','{"k":"v"}','[]','','',NULL,'null',NULL);
INSERT INTO "runs" VALUES('run-2-b','azureml.StepRun','e',0,1,'second','NotStarted','run-2','n2','PythonScriptStep','local',NULL,NULL,NULL,'2026-11-21T16:35:33.945376Z',NULL,NULL,'null','{"azureml.nodeid":"n2","azureml.pipeline":"run-2"}','{}','[]','','',NULL,'null',NULL);
CREATE TABLE secrets (
	name VARCHAR NOT NULL, 
	sealed TEXT NOT NULL, 
	content_type VARCHAR NOT NULL, 
	created_at VARCHAR NOT NULL, 
	modified_at VARCHAR NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "secrets" VALUES('storage-key','0123abcd:AAAA','text/plain','2026-11-22T01:05:29.205604Z','2026-11-22T01:05:29.205604Z');
CREATE TABLE snapshots (
	digest VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "snapshots" VALUES('68d555cf91c8f4136bec53564f275ea09586c645c5bdcf8c168f6b1d7237ab15','{"files":[{"path":"a.py","digest":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","size_bytes":3,"executable":false}]}');
CREATE TABLE step_usage (
	signature VARCHAR NOT NULL, 
	max_rss_bytes BIGINT NOT NULL, 
	duration_s FLOAT NOT NULL, 
	ended_at VARCHAR NOT NULL, 
	PRIMARY KEY (signature)
)
 WITHOUT ROWID

;
INSERT INTO "step_usage" VALUES('sig',77,0.0,'2026-01-01T00:00:00.000000Z');
CREATE TABLE verifications (
	step_run_id VARCHAR NOT NULL, 
	verified_by VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	at VARCHAR NOT NULL, 
	PRIMARY KEY (step_run_id, verified_by)
)
 WITHOUT ROWID

;
INSERT INTO "verifications" VALUES('run-1-a','run-2','same','{"files":[]}','2026-11-01T00:00:00.000000Z');
CREATE INDEX runs_by_parent ON runs (parent_id, position);
CREATE INDEX ix_outputs_run_id ON outputs (run_id);
CREATE INDEX runs_by_time ON runs (created_at) WHERE parent_id IS NULL;
CREATE INDEX runs_by_status ON runs (status) WHERE parent_id IS NULL;
CREATE INDEX steps_by_name ON runs (name, created_at) WHERE parent_id IS NOT NULL;
CREATE INDEX runs_submitted_under ON runs (submitted_under) WHERE submitted_under IS NOT NULL;
CREATE INDEX interactive_runs_by_parent ON interactive_runs (parent_id, position);
CREATE INDEX interactive_runs_by_time ON interactive_runs (created_at) WHERE parent_id IS NULL;
CREATE INDEX interactive_runs_by_status ON interactive_runs (status);
CREATE INDEX models_by_run ON models (run_id) WHERE run_id IS NOT NULL;
COMMIT;
