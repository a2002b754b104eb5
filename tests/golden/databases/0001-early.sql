BEGIN TRANSACTION;
CREATE TABLE attempts (
	id VARCHAR NOT NULL, 
	step_run_id VARCHAR NOT NULL, 
	run_id VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	exit JSON, 
	ended_at VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "attempts" VALUES('run-1-a-1','run-1-a','run-1','completed','{"exit_code":0,"signal":null,"reason":"exited","started_at":"2026-01-01T00:00:00.000000Z","ended_at":"2026-01-01T00:00:00.000000Z","max_rss_bytes":77,"user_s":0.0,"system_s":0.0,"left_behind":0,"unkillable":[]}','2026-11-21T16:36:12.819232Z');
CREATE TABLE compute_targets (
	name VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "compute_targets" VALUES('local','{"name":"local","type":"local","driver":"local","properties":{},"tags":{},"description":"","provisioning_state":"Succeeded","created_at":"2026-01-01T00:00:00.000000Z","modified_at":"2026-01-01T00:00:00.000000Z"}');
CREATE TABLE dataset_versions (
	name VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	dataset_id VARCHAR NOT NULL, 
	description TEXT NOT NULL, 
	tags JSON NOT NULL, 
	created_at VARCHAR NOT NULL, 
	PRIMARY KEY (name, version)
);
INSERT INTO "dataset_versions" VALUES('iris',1,'ds-1','d','{}','2026-11-21T16:36:12.820321Z');
CREATE TABLE datasets (
	id VARCHAR NOT NULL, 
	definition JSON NOT NULL, 
	created_at VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "datasets" VALUES('ds-1','{"type":"file","locations":[{"datastore":"workspaceblobstore","path":"iris"}],"reader":{},"operations":[]}','2026-11-21T16:36:12.820321Z');
CREATE TABLE datastores (
	name VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	is_default INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "datastores" VALUES('workspaceblobstore','{"name":"workspaceblobstore","type":"AzureBlob","driver":"local","options":{"root":"/srv/ws/.azud/datastores/workspaceblobstore"},"is_default":true,"created_at":"2026-01-01T00:00:00.000000Z"}',1);
CREATE TABLE definitions (
	digest VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "definitions" VALUES('42f21c22e87d5dd7e15827c5c7dcf4b6f5bbd6ad550f1431880a24b7826d92e2','{"steps":[{"id":"n1","name":"first","type":"PythonScriptStep","script":"a.py","arguments":[],"inputs":[],"outputs":[{"name":"out","kind":"reference","datastore":null,"mode":"mount","path_on_compute":null,"overwrite":false,"destination":null,"data_type":null,"pipeline_output_name":null,"register_as":null,"reader":{}}],"run_after":[],"snapshot":"","source_directory":"","compute":null,"settings":{"framework":"Python","communicator":"None","node_count":1,"process_count_per_node":1,"environment":{"name":"","version":null,"definition":null},"environment_variables":{},"pass_env":[]},"parameters":{},"allow_reuse":true,"version":null,"timeout_s":null,"properties":{},"warnings":[]},{"id":"n2","name":"second","type":"PythonScriptStep","script":"b.py","arguments":[],"inputs":[],"outputs":[],"run_after":["n1"],"snapshot":"","source_directory":"","compute":null,"settings":{"framework":"Python","communicator":"None","node_count":1,"process_count_per_node":1,"environment":{"name":"","version":null,"definition":null},"environment_variables":{},"pass_env":[]},"parameters":{},"allow_reuse":true,"version":null,"timeout_s":null,"properties":{},"warnings":[]}],"parameters":[],"name":"","default_datastore":null,"format":1}');
CREATE TABLE environments (
	name VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	definition JSON NOT NULL, 
	created_at VARCHAR NOT NULL, 
	PRIMARY KEY (name, version)
);
INSERT INTO "environments" VALUES('env','1',1,'{"python":{}}','2026-11-21T16:36:12.825674Z');
CREATE TABLE experiments (
	name VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	created_at VARCHAR NOT NULL, 
	last_number INTEGER NOT NULL, 
	tags JSON NOT NULL, 
	PRIMARY KEY (name), 
	UNIQUE (id)
);
INSERT INTO "experiments" VALUES('e','8c9d26d2-cb0b-46a6-98e2-7cf049f59019','2026-11-21T16:36:12.804500Z',2,'{}');
CREATE TABLE idempotency (
	"key" VARCHAR NOT NULL, 
	run_id VARCHAR NOT NULL, 
	created_at VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "idempotency" VALUES('key-1','run-1','2026-11-21T16:36:12.804500Z');
CREATE TABLE leases (
	name VARCHAR NOT NULL, 
	holder VARCHAR NOT NULL, 
	token INTEGER NOT NULL, 
	acquired_at VARCHAR NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "leases" VALUES('engine','me',1,'2026-11-21T16:36:12.812371Z');
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('schema_revision','0001');
CREATE TABLE metrics (
	run_id VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	value JSON, 
	step INTEGER, 
	at VARCHAR NOT NULL, 
	PRIMARY KEY (run_id, seq)
);
INSERT INTO "metrics" VALUES('run-1-a',0,'m','scalar',1.5,NULL,'2026-01-01T00:00:00.000000Z');
INSERT INTO "metrics" VALUES('run-1-a',1,'t','table','{"c":[1,null,"x"]}',3,'2026-01-01T00:00:00.000000Z');
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
);
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
);
INSERT INTO "reuse_decisions" VALUES('run-1-a','miss','nothing stored','k1',NULL);
CREATE TABLE reuse_entries (
	action_key VARCHAR NOT NULL, 
	run_id VARCHAR NOT NULL, 
	step_run_id VARCHAR NOT NULL, 
	created_at VARCHAR NOT NULL, 
	last_used_at VARCHAR NOT NULL, 
	PRIMARY KEY (action_key)
);
INSERT INTO "reuse_entries" VALUES('k1','run-1','run-1-a','2026-11-21T16:36:12.822134Z','2026-11-21T16:36:12.822134Z');
CREATE TABLE run_events (
	run_id VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	type VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (run_id, seq)
);
INSERT INTO "run_events" VALUES('run-1',0,'RunSubmitted','{"at":"2026-11-21T16:36:12.804500Z","steps":[{"step":"n1","predecessors":[]},{"step":"n2","predecessors":["n1"]}],"continue_on_step_failure":false}');
INSERT INTO "run_events" VALUES('run-2',0,'RunSubmitted','{"at":"2026-11-21T16:36:12.810512Z","steps":[{"step":"n1","predecessors":[]},{"step":"n2","predecessors":["n1"]}],"continue_on_step_failure":false}');
INSERT INTO "run_events" VALUES('run-1',1,'AttemptIntended','{"at":"2026-01-01T00:00:00.000000Z","step":"n1","attempt":"run-1-a-1","number":1}');
INSERT INTO "run_events" VALUES('run-1',2,'AttemptEnded','{"at":"2026-01-01T00:00:00.000000Z","step":"n1","attempt":"run-1-a-1","outcome":"completed"}');
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
	options JSON, 
	PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES('run-1','azureml.PipelineRun','e',1,0,'e','Running',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-21T16:36:12.804500Z','2026-01-01T00:00:00.000000Z',NULL,'null','{"t":"ä ''quoted''"}','{}','[]','',NULL,'42f21c22e87d5dd7e15827c5c7dcf4b6f5bbd6ad550f1431880a24b7826d92e2','{"interpreter":"/usr/bin/python3","parameters":{},"continue_on_step_failure":false,"regenerate_outputs":false,"timeout_s":null,"launch":"fork"}');
INSERT INTO "runs" VALUES('run-1-a','azureml.StepRun','e',0,0,'first','Completed','run-1','n1','PythonScriptStep','local','run-1-a-1',NULL,'k1','2026-11-21T16:36:12.804500Z',NULL,NULL,NULL,'{"azureml.nodeid":"n1","azureml.pipeline":"run-1","seen":"yes"}','{"new":"1","k":"v"}','[]','','',NULL,'null');
INSERT INTO "runs" VALUES('run-1-b','azureml.StepRun','e',0,1,'second','NotStarted','run-1','n2','PythonScriptStep','local',NULL,NULL,NULL,'2026-11-21T16:36:12.804500Z',NULL,NULL,'null','{"azureml.nodeid":"n2","azureml.pipeline":"run-1"}','{}','[]','','',NULL,'null');
INSERT INTO "runs" VALUES('run-2','azureml.PipelineRun','e',2,0,'e','NotStarted',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-21T16:36:12.810512Z',NULL,NULL,'null','{"t":"ä ''quoted''"}','{}','[]','',NULL,'42f21c22e87d5dd7e15827c5c7dcf4b6f5bbd6ad550f1431880a24b7826d92e2','{"interpreter":"/usr/bin/python3","parameters":{},"continue_on_step_failure":false,"regenerate_outputs":false,"timeout_s":null,"launch":"fork"}');
INSERT INTO "runs" VALUES('run-2-a','azureml.StepRun','e',0,0,'first','NotStarted','run-2','n1','PythonScriptStep','local',NULL,NULL,NULL,'2026-11-21T16:36:12.810512Z',NULL,NULL,'null','{"azureml.nodeid":"n1","azureml.pipeline":"run-2"}','{"k":"v"}','[]','','',NULL,'null');
INSERT INTO "runs" VALUES('run-2-b','azureml.StepRun','e',0,1,'second','NotStarted','run-2','n2','PythonScriptStep','local',NULL,NULL,NULL,'2026-11-21T16:36:12.810512Z',NULL,NULL,'null','{"azureml.nodeid":"n2","azureml.pipeline":"run-2"}','{}','[]','','',NULL,'null');
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
);
INSERT INTO "step_usage" VALUES('sig',77,0.0,'2026-01-01T00:00:00.000000Z');
CREATE INDEX runs_by_parent ON runs (parent_id, position);
CREATE INDEX runs_by_status ON runs (status);
CREATE INDEX runs_by_time ON runs (created_at);
CREATE INDEX ix_attempts_step_run_id ON attempts (step_run_id);
CREATE INDEX ix_attempts_run_id ON attempts (run_id);
CREATE INDEX ix_outputs_run_id ON outputs (run_id);
CREATE INDEX ix_reuse_entries_step_run_id ON reuse_entries (step_run_id);
COMMIT;
